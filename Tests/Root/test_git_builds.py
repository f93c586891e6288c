"""Builds from git repositories, and ADD of them: by skiff, the docker CLI, Compose and the API alone."""

import hashlib
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import urllib.parse
import unittest

from engine import SKIFF, eventually
from fixtures import EngineTest
from git_servers import Daemon, Files, Repository, Smart, Web, git

DOCKERFILE = "FROM busybox\nCOPY . /src\n"


class GitTest(EngineTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        temporary = tempfile.TemporaryDirectory(prefix="skiff-test-")
        cls.addClassCleanup(temporary.cleanup)
        cls.base = pathlib.Path(temporary.name)
        cls.clones = cls.base / "clones"
        cls.clones.mkdir()
        cls.part = Repository(cls.base, "part")
        cls.part.commit({"piece": "of another repository\n"})
        cls.app = Repository(cls.base, "app")
        cls.first = cls.app.commit({"Dockerfile": DOCKERFILE, "word": "first\n"})
        cls.app.commit({"sub/Dockerfile": DOCKERFILE, "sub/word": "below\n", "word": "second\n", "way": ("sub",), "out": ("/etc",)})
        git(cls.app.tree, "tag", "-a", "-m", "one", "v1")
        git(cls.app.tree, "push", "--quiet", "origin", "v1")
        git(cls.app.tree, "push", "--quiet", "origin", "HEAD:refs/pull/7/head")
        cls.app.commit({"word": "on a branch\n", ".dockerignore": "secret\n", "secret": "kept out\n"}, push="HEAD:feature/x")
        git(cls.app.tree, "submodule", "--quiet", "add", "../part.git", "part")
        cls.whole = cls.app.commit({"word": "whole\n"}, push="HEAD:whole")
        git(cls.part.bare, "update-server-info")
        cls.daemon = Daemon(cls.base / "served")
        cls.addClassCleanup(cls.daemon.close)
        cls.smart = Web(Smart, cls.base / "served")
        cls.addClassCleanup(cls.smart.close)
        cls.files = Web(Files, cls.base / "served")
        cls.addClassCleanup(cls.files.close)
        cls.environment = {"TMPDIR": str(cls.clones), "HOME": str(cls.base), "no_proxy": "127.0.0.1"}

    def url(self, what="", server=None):
        return f"{(server or self.daemon).url}/app.git{what}"

    def build(self, url, *options, check=True, **others):
        made = self.engine.run("build", "-t", "app", *options, url, environment=self.environment, check=check, timeout=60, **others)
        self.assertEqual(list(self.clones.iterdir()), [], "a clone was left behind")
        return made

    def word(self, name="word"):
        return self.engine.run("run", "--rm", "app", "cat", f"/src/{name}").out

    def api(self, remote, expect):
        """POST /build?remote= by curl; the engine's words."""
        query = urllib.parse.urlencode({"remote": remote, "t": "app"})
        made = subprocess.run(["curl", "-sS", "--max-time", "60", "--unix-socket", str(self.engine.socket), "-X", "POST",
                               f"http://skiff/v1.47/build?{query}"], stdout=subprocess.PIPE, check=True).stdout.decode()
        self.assertIn(expect, made)
        return made


class Contexts(GitTest):
    def test_the_default_branch_over_every_protocol(self):
        for server in (self.daemon, self.smart, self.files):
            with self.subTest(server.url):
                self.build(self.url(server=server))
                self.assertEqual(self.word(), "second\n")

    def test_a_branch_a_tag_a_commit_a_pull_request_and_a_directory(self):
        for what, word in (("#feature/x", "on a branch\n"), ("#v1", "second\n"), (f"#{self.first}", "first\n"),
                           (f"#{self.first[:10]}", "first\n"), ("#pull/7/head", "second\n"), ("#:sub", "below\n"), ("#v1:sub", "below\n"),
                           ("#v1:way", "below\n"), ("?tag=v1&subdir=sub", "below\n"), ("?branch=main", "second\n")):
            for server in (self.daemon, self.files):
                with self.subTest(what=what, server=server.url):
                    self.build(self.url(what, server))
                    self.assertEqual(self.word(), word)

    def test_the_engine_clones_where_it_is_asked_to(self):
        for server in (self.daemon, self.smart, self.files):
            with self.subTest(server.url):
                self.api(self.url("#feature/x", server), "Successfully tagged app:latest")
                self.assertEqual(self.word(), "on a branch\n")
        self.assertEqual(self.engine.run("run", "--rm", "app", "ls", "-A", "/src").out.split(),
                         [".dockerignore", "Dockerfile", "out", "sub", "way", "word"])
        self.assertEqual([name for name in os.listdir(self.engine.directory / "data/tmp") if name.startswith("build-")], [])

    def test_the_docker_cli_clones_for_itself(self):
        # It leaves the rest of a clone behind when it builds from a directory of it.
        with tempfile.TemporaryDirectory(prefix="skiff-test-") as place:
            self.engine.docker("build", "-t", "app", self.url("#v1:sub"), environment={**self.environment, "TMPDIR": place})
        self.assertEqual(self.word(), "below\n")

    def test_submodules_come_with_it(self):
        for server in (self.daemon, self.smart, self.files):
            with self.subTest(server.url):
                self.build(self.url("#whole", server))
                self.assertEqual(self.word("part/piece"), "of another repository\n")
        self.build(self.url("?branch=whole&submodules=false"))
        self.assertEqual(self.engine.run("run", "--rm", "app", "ls", "-A", "/src/part").out, "")

    def test_gits_own_files_stay_away_unless_they_are_asked_for(self):
        once = self.build(self.url("#v1"), "-q").out
        self.assertEqual(self.build(self.url("#v1"), "-q").out, once)
        self.assertNotIn(".git", self.engine.run("run", "--rm", "app", "ls", "-A", "/src").out.split())
        self.build(self.url("#v1"), "--build-arg", "BUILDKIT_CONTEXT_KEEP_GIT_DIR=1")
        self.assertIn(".git", self.engine.run("run", "--rm", "app", "ls", "-A", "/src").out.split())

    def test_a_directory_of_that_name_is_no_repository(self):
        with tempfile.TemporaryDirectory(prefix="skiff-test-") as place:
            local = pathlib.Path(place, "github.com/owner/app")
            local.mkdir(parents=True)
            (local / "Dockerfile").write_text(DOCKERFILE)
            (local / "word").write_text("local\n")
            self.engine.run("build", "-t", "app", "github.com/owner/app", cwd=place)
        self.assertEqual(self.word(), "local\n")

    def test_compose_builds_from_a_repository(self):
        with tempfile.TemporaryDirectory(prefix="skiff-test-") as place:
            pathlib.Path(place, "compose.yaml").write_text(
                f"services:\n  web:\n    image: app\n    build:\n      context: {self.url('#v1:sub')}\n")
            self.engine.run("compose", "build", cwd=place, environment=self.environment)
        self.assertEqual(self.word(), "below\n")
        self.assertEqual(list(self.clones.iterdir()), [])

    def test_what_cannot_be_had_is_said_and_leaves_nothing(self):
        for what, words in (("#nowhere", "couldn't find remote ref nowhere"), ("#0123456789", "no commit 0123456789"),
                            ("#:nowhere", "\"nowhere\": no such directory in the repository"),
                            ("#:word", "\"word\": not a directory"), ("#v1:out", "\"out\": no such directory in the repository"),
                            ("#--upload-pack=touch", "it begins with a dash"), (f"?commit={'0' * 40}", "expected checksum to match 000")):
            with self.subTest(what):
                made = self.build(self.url(what), check=False)
                self.assertEqual(made.code, 1)
                self.assertIn(words, made.err)
                self.api(self.url(what), words.replace('"', '\\"'))

    def test_no_other_transport_is_spoken(self):
        for url in ("ext::sh -c touch% /tmp/x .git", f"file://{self.app.bare}"):
            with self.subTest(url):
                self.assertNotEqual(self.build(url, check=False).code, 0)
                self.api(url, "could not be recognized as URL")
        evil = Repository(self.base, "evil")
        evil.commit({"Dockerfile": DOCKERFILE})
        (evil.tree / ".gitmodules").write_text(f'[submodule "x"]\n\tpath = x\n\turl = {self.app.bare}\n')
        git(evil.tree, "add", ".gitmodules")
        git(evil.tree, "update-index", "--add", "--cacheinfo", f"160000,{self.first},x")
        git(evil.tree, "commit", "--quiet", "-m", "a submodule")
        git(evil.tree, "push", "--quiet", "origin", "HEAD:main")
        made = self.build(f"{self.daemon.url}/evil.git", check=False)
        self.assertIn("transport 'file' not allowed", made.err)

    def test_links_of_a_repository_lead_to_nothing_of_this_machine(self):
        leak = Repository(self.base, "leak")
        leak.commit({"Dockerfile": ("/etc/hostname",), "word": "w"})
        made = self.build(f"{self.daemon.url}/leak.git", check=False)
        self.assertIn("failed to read dockerfile: open Dockerfile", made.err)
        leak.commit({"Dockerfile": DOCKERFILE, ".dockerignore": ("/dev/zero",)})
        self.assertIn(".dockerignore of the repository is no regular file", self.build(f"{self.daemon.url}/leak.git", check=False).err)

    def test_a_password_is_not_told(self):
        made = self.build(f"http://user:hunter2@127.0.0.1:{self.files.server.server_address[1]}/nowhere.git", check=False)
        self.assertNotIn("hunter2", made.err + made.out)

    def test_without_git_here_the_engine_clones(self):
        made = self.engine.run("build", "-t", "app", self.url("#v1:sub"), environment={"PATH": "/nowhere"})
        self.assertIn("Successfully tagged", made.out)
        self.assertEqual(self.word(), "below\n")

    def test_ctrl_c_leaves_nothing(self):
        # A server that takes the connection and says nothing.
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"git://127.0.0.1:{silent.getsockname()[1]}/app.git"
            process = subprocess.Popen([SKIFF, "build", url], env=self.engine.variables(self.environment), stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            silent.settimeout(20)
            connection, _ = silent.accept()
            self.assertEqual(len(list(self.clones.iterdir())), 1)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=20)
            self.assertEqual(process.returncode, 130)
            self.assertEqual(list(self.clones.iterdir()), [])
            connection.settimeout(20)
            while connection.recv(4096):
                pass
            connection.close()
            # A client that goes takes the engine's clone along.
            query = urllib.parse.urlencode({"remote": url})
            client = subprocess.Popen(["curl", "-sS", "--unix-socket", str(self.engine.socket), "-X", "POST",
                                       f"http://skiff/v1.47/build?{query}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            connection, _ = silent.accept()
            client.kill()
            client.wait()
            connection.settimeout(20)
            while connection.recv(4096):
                pass
            connection.close()
        directory = self.engine.directory / "data/tmp"
        eventually(lambda: not [name for name in os.listdir(directory) if name.startswith("build-")], 10, "the engine's directory to go")


class Additions(GitTest):
    def add(self, line, check=True):
        with tempfile.TemporaryDirectory(prefix="skiff-test-") as place:
            pathlib.Path(place, "Dockerfile").write_text(f"FROM busybox\n{line}\n")
            return self.engine.run("build", "-t", "app", place, check=check)

    def names(self, path="/src"):
        return self.engine.run("run", "--rm", "app", "ls", "-A", path).out.split()

    def test_add_of_a_repository(self):
        self.add(f"ADD {self.url('#v1')} /src")
        self.assertEqual(self.names(), ["Dockerfile", "out", "sub", "way", "word"])
        self.assertIn("Using cache", self.add(f"ADD {self.url('#v1')} /src").out)
        self.add(f"ADD {self.url('#v1:sub')} /src/")
        self.assertEqual(self.names(), ["Dockerfile", "word"])
        self.add(f"ADD --keep-git-dir=true {self.url('#v1')} /src")
        self.assertIn(".git", self.names())
        self.add(f"ADD --chown=33:33 --exclude=sub {self.url('#whole')} /src")
        self.assertEqual(self.engine.run("run", "--rm", "app", "stat", "-c", "%u", "/src/part/piece").out, "33\n")
        self.assertNotIn("sub", self.names())

    def test_add_holds_repositories_and_files_to_their_checksums(self):
        self.add(f"ADD --checksum={self.first} {self.url('#' + self.first)} /src")
        self.assertIn("expected checksum to match", self.add(f"ADD --checksum={self.first} {self.url('#v1')} /src", check=False).err)
        config = (self.app.bare / "HEAD").read_bytes()
        digest = hashlib.sha256(config).hexdigest()
        self.add(f"ADD --checksum=sha256:{digest} {self.files.url}/app.git/HEAD /src/")
        self.assertEqual(self.names(), ["HEAD"])
        for flag, words in ((f"sha256:{'0' * 64}", "digest mismatch"), ("md5:1", "invalid checksum")):
            self.assertIn(words, self.add(f"ADD --checksum={flag} {self.files.url}/app.git/HEAD /src/", check=False).err)
        self.assertIn("non-HTTP(S) and non-Git sources", self.add(f"ADD --checksum=sha256:{digest} Dockerfile /src/", check=False).err)

    def test_copy_takes_no_repository(self):
        self.assertIn("source can't be a git ref for COPY", self.add(f"COPY {self.url()} /src", check=False).err)


if __name__ == "__main__":
    unittest.main()
