"""Builds by BuildKit's protocol, as Docker Compose, the docker CLI and buildx ask for them."""

import base64
import json
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import tempfile
import unittest

from engine import docker_config, eventually
from fixtures import EngineTest
from registry import Registry
from test_build_mounts import AGENT_ANSWER, begin_agent, make_agent_question

SECRET = "hunter2-is-nowhere-else"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def old_docker():
    """Debian's docker CLI 20.10, which speaks to sessions over HTTP; nil where there is another."""
    for place in ("/usr/bin/docker", shutil.which("docker")):
        if place and os.path.exists(place) and " 20.10" in subprocess.run([place, "--version"], stdout=subprocess.PIPE).stdout.decode():
            return place
    return None


def buildx():
    """A buildx plugin that somebody has put there."""
    places = [os.environ.get("DOCKER_BUILDX", ""), "/usr/libexec/docker/cli-plugins/docker-buildx", "/usr/lib/docker/cli-plugins/docker-buildx"]
    return next((place for place in places if place and os.path.exists(place)), None)


class BuildTest(EngineTest):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="skiff-test-")
        self.addCleanup(directory.cleanup)
        self.place = pathlib.Path(directory.name, "project")
        self.place.mkdir()
        self.config = docker_config(directory.name)

    def write(self, files):
        for name, text in files.items():
            path = self.place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def environment(self, **more):
        return {"DOCKER_CONFIG": self.config, "DOCKER_BUILDKIT": "1", "BUILDKIT_PROGRESS": "plain", **more}

    def variables(self, **more):
        return {**self.engine.variables(), **self.environment(**more)}

    def call(self, *command, check=True, input=None, timeout=60, **more):
        process = subprocess.run(command, cwd=self.place, env=self.variables(**more), input=input or b"", timeout=timeout,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        text = process.stdout.decode(errors="replace")
        if check and process.returncode != 0:
            raise AssertionError(f"{command}: exit {process.returncode}\n{text}\n--- skiffd\n{self.engine.log()}")
        return process.returncode, text

    def shows(self, image, *command):
        return self.engine.run("run", "--rm", image, *command).out

    def nothing_is_left(self):
        data = self.engine.directory / "data"
        eventually(lambda: not [name for name in os.listdir(data / "tmp") if name.startswith("build-")], what="the end of the build's files")


class Compose(BuildTest):
    """Docker Compose 2.40.3 with the buildx that is linked into it."""

    def compose(self, *arguments, **options):
        return self.call(f"{self.config}/cli-plugins/docker-compose", *arguments, **options)

    def test_services_are_built_side_by_side_with_secrets_and_arguments(self):
        self.write({
            "compose.yaml": "services:\n  one:\n    build:\n      context: one\n      args: {who: me}\n      secrets: [token]\n"
                            "  two:\n    build:\n      context: .\n      dockerfile: two.Dockerfile\n      target: middle\n"
                            "      labels: {a: b}\nsecrets:\n  token:\n    environment: TOKEN\n",
            "one/Dockerfile": "FROM busybox\nARG who\nRUN --mount=type=secret,id=token test \"$(cat /run/secrets/token)\" = " + SECRET +
                              " && echo for $who > /who\n",
            "two.Dockerfile": "FROM busybox AS middle\nWORKDIR /w\nCOPY . .\nFROM middle\nRUN false\n",
            ".dockerignore": "*.log\nignored\n!kept.log\n", "ignored/file": "x", "a.log": "x", "kept.log": "x", "deep/er/file": "text\n",
        })
        (self.place / "link").symlink_to("deep/er/file")
        _, text = self.compose("build", TOKEN=SECRET)
        self.assertIn("[one internal] load build definition from Dockerfile", text)
        self.assertIn("[two middle 1/3] FROM docker.io/library/busybox:latest", text)
        self.assertEqual(self.shows("project-one", "cat", "/who"), "for me\n")
        self.assertEqual(self.shows("project-two", "cat", "link"), "text\n")
        self.assertEqual(self.shows("project-two", "ls", "-A").split(), [".dockerignore", "compose.yaml", "deep", "kept.log", "link", "one", "two.Dockerfile"])
        self.assertEqual(self.engine.inspect("project-two")[0]["Config"]["Labels"]["a"], "b")
        _, again = self.compose("build", TOKEN="another")
        self.assertIn("CACHED", again)
        self.nothing_is_left()

    def test_a_step_that_fails_is_shown_with_its_line(self):
        self.write({"compose.yaml": "services:\n  one:\n    build: .\n", "Dockerfile": "FROM busybox\n\nRUN echo told; exit 7\n"})
        code, text = self.compose("build", check=False)
        self.assertNotEqual(code, 0)
        self.assertIn("told", text)
        self.assertIn('process "/bin/sh -c echo told; exit 7" did not complete successfully: exit code: 7', text)
        self.nothing_is_left()

    def test_a_client_that_is_interrupted_takes_its_build_along(self):
        self.write({"compose.yaml": "services:\n  one:\n    build: .\n", "Dockerfile": "FROM busybox\nRUN echo begun; sleep 4321\n"})
        process = subprocess.Popen([f"{self.config}/cli-plugins/docker-compose", "build"], cwd=self.place, env=self.variables(),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        sleeps = lambda: subprocess.run(["pgrep", "-f", "^sleep 4321"], stdout=subprocess.PIPE).stdout
        eventually(sleeps, 20, "the step")
        process.kill()
        process.wait()
        eventually(lambda: not sleeps(), 10, "the step's end")
        self.nothing_is_left()

    @unittest.skipUnless(shutil.which("ssh-agent"), "it needs ssh-agent")
    def test_a_step_reaches_the_clients_ssh_agent(self):
        socket_path = self.place.parent / "agent.sock"
        begin_agent(self, socket_path)
        self.write({"compose.yaml": "services:\n  one:\n    build:\n      context: .\n      ssh: [default]\n",
                    "Dockerfile": "FROM busybox\nCOPY ask /\nRUN --mount=type=ssh /ask $SSH_AUTH_SOCK > /one; /ask $SSH_AUTH_SOCK > /two\n"})
        make_agent_question(self.place)
        self.compose("build", SSH_AUTH_SOCK=str(socket_path))
        self.assertEqual(self.shows("project-one", "cat", "/one", "/two"), 2 * (AGENT_ANSWER + "\n"))
        self.nothing_is_left()

    def test_the_clients_passwords_open_registries(self):
        registry = Registry(layers=1, login="me:secret")
        self.addCleanup(registry.close)
        self.write({"compose.yaml": "services:\n  one:\n    build: .\n", "Dockerfile": f"FROM {registry.host}/app:v1\nCOPY compose.yaml /\n"})
        for kit in "0", "1":
            code, text = self.compose("build", check=False, DOCKER_BUILDKIT=kit)
            self.assertNotEqual(code, 0, text)
            auths = {registry.host: {"auth": base64.b64encode(b"me:secret").decode()}}
            pathlib.Path(self.config, "config.json").write_text(json.dumps({"auths": auths}))
            self.compose("build", DOCKER_BUILDKIT=kit)
            pathlib.Path(self.config, "config.json").unlink()
            self.engine.run("rmi", "-f", "project-one", f"{registry.host}/app:v1")

    def test_up_builds_what_is_missing(self):
        self.write({"compose.yaml": "services:\n  one:\n    build: .\n    command: sleep 100\n    stop_grace_period: 0s\n",
                    "Dockerfile": "FROM busybox\n"})
        self.compose("up", "-d")
        _, text = self.compose("ps", "--format", "{{.Image}} {{.State}}")
        self.assertIn("project-one running", text)
        self.compose("down", "--rmi", "all")


@unittest.skipUnless(old_docker(), "docker's CLI 20.10 is not here")
class OldDocker(BuildTest):
    """Docker's CLI 20.10: a session, and BuildKit's status in the answer of POST /build."""

    def docker(self, *arguments, **options):
        return self.call(old_docker(), *arguments, **options)

    def test_an_image_is_built_with_secrets(self):
        self.write({"Dockerfile": "FROM busybox\nARG who\nCOPY file /\nRUN --mount=type=secret,id=token,env=T test $T = " + SECRET +
                                  " && echo $who > /who\n", "file": "text\n", "id": ""})
        _, text = self.docker("build", "--secret", "id=token,env=TOKEN", "--build-arg", "who=me", "--iidfile", "id", "-t", "old:1", ".", TOKEN=SECRET)
        self.assertIn("[3/3] RUN", text)
        self.assertIn("naming to docker.io/library/old:1", text)
        self.assertEqual(self.shows("old:1", "cat", "/who", "/file"), "me\ntext\n")
        self.assertEqual((self.place / "id").read_text(), self.engine.inspect("old:1")[0]["Id"])
        _, text = self.docker("build", "-q", "-t", "old:2", ".", "--secret", "id=token,env=TOKEN", "--build-arg", "who=me", TOKEN=SECRET)
        self.assertEqual(text.strip(), self.engine.inspect("old:1")[0]["Id"])

    def test_failures_and_ends(self):
        self.write({"Dockerfile": "FROM busybox\nRUN exit 5\n"})
        code, text = self.docker("build", ".", check=False)
        self.assertEqual(code, 1)
        self.assertIn("exit code: 5", text)
        code, text = self.docker("build", "-f", "none", ".", check=False)
        self.assertIn("none: no such file or directory", text)
        code, text = self.docker("build", "-", check=False, input=b"FROM busybox\nRUN echo x > /from-stdin\n")
        self.assertEqual(code, 0, text)
        self.nothing_is_left()

    def test_an_archive_on_standard_input_is_a_context(self):
        self.write({"Dockerfile": "FROM busybox\nCOPY file /\n", "file": "text\n"})
        archive = subprocess.run(["tar", "-C", str(self.place), "-c", "."], check=True, stdout=subprocess.PIPE).stdout
        self.docker("build", "-t", "archived", "-", input=archive)
        self.assertEqual(self.shows("archived", "cat", "/file"), "text\n")


@unittest.skipUnless(buildx(), "no buildx plugin is here")
class Buildx(BuildTest):
    def docker(self, *arguments, **options):
        link = pathlib.Path(self.config, "cli-plugins/docker-buildx")
        if not link.exists():
            link.symlink_to(buildx())
        return self.call(shutil.which("docker"), *arguments, **options)

    def test_the_engine_is_a_builder_and_builds(self):
        self.assertIn("running", self.docker("buildx", "ls")[1])
        self.write({"Dockerfile": "FROM busybox AS base\nRUN echo x > /x\nFROM base\nCOPY . /c\n", "file": "text\n"})
        _, text = self.docker("buildx", "build", "-t", "bx", ".")
        self.assertIn("[base 2/2] RUN echo x > /x", text)
        self.assertIn("[stage-1 1/1] COPY . /c", text)
        self.assertEqual(self.shows("bx", "cat", "/c/file"), "text\n")
        self.assertRegex(self.docker("buildx", "du")[1], r"Total:\s+\S+")
        self.docker("buildx", "prune", "-af")
        self.assertRegex(self.docker("buildx", "du")[1], r"Total:\s+0B")
        self.write({"extra/file": "other\n", "named": "FROM base\nCOPY --from=more file /more\n"})
        self.docker("buildx", "build", "-f", "named", "-t", "bx", "--build-context", "base=docker-image://busybox",
                    "--build-context", "more=extra", ".")
        self.assertEqual(self.shows("bx", "cat", "/more"), "other\n")
        self.write({"wrong": "FROM busybox\n\nRUN exit 7\n"})
        code, text = self.docker("buildx", "build", "-f", "wrong", ".", check=False)
        self.assertEqual(code, 1)
        self.assertIn("wrong:3", text)
        code, text = self.docker("buildx", "build", "--output", "out", ".", check=False)
        self.assertNotEqual(code, 0)
        self.assertIn("only images are made here", text)


class Strangers(BuildTest):
    """Whoever speaks without knowing how."""

    def connect(self, path, *headers):
        stranger = socket.socket(socket.AF_UNIX)
        stranger.settimeout(20)
        self.addCleanup(stranger.close)
        stranger.connect(str(self.engine.socket))
        stranger.sendall("\r\n".join([f"POST {path} HTTP/1.1", "Host: x", "Connection: Upgrade", *headers, "", ""]).encode())
        return stranger

    def hijacked(self, path, *headers):
        stranger = self.connect(path, "Upgrade: h2c", *headers)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += stranger.recv(1)
        self.assertIn(b"101", head)
        return stranger

    def all(self, stranger):
        answer = b""
        try:
            while piece := stranger.recv(65536):
                answer += piece
        except ConnectionError:
            pass
        return answer

    def test_requests_without_an_upgrade_or_an_id_are_refused(self):
        for path, headers in (("/grpc", ()), ("/session", ("Upgrade: h2c",)), ("/session", ("X-Docker-Expose-Session-Uuid: x",)),
                              ("/session", ("Upgrade: h2c", "X-Docker-Expose-Session-Uuid: " + "x" * 1000))):
            self.assertIn(b"HTTP/1.1 400", self.connect(path, *headers).recv(4096))

    def test_bytes_that_are_not_http2_end_the_connection(self):
        for nonsense in (b"GET / HTTP/1.1\r\n\r\n", b"\0" * 4096, PREFACE + b"\xff" * 200, PREFACE + frame(0, 0, 0),
                         PREFACE + frame(4, 0, 0) + frame(1, 4, 2, b"\x82"), PREFACE + frame(4, 0, 0) + frame(8, 0, 0, b"\0\0\0\0")):
            stranger = self.hijacked("/grpc")
            stranger.sendall(nonsense)
            self.all(stranger)

    def test_ten_thousand_streams_that_are_reset_at_once_end_in_no_work(self):
        stranger = self.hijacked("/grpc")
        stranger.sendall(PREFACE + frame(4, 0, 0))
        # POST http / of nobody: indexed fields of HPACK's table.
        head = b"\x83\x86\x84"
        try:
            for stream in range(1, 20001, 2):
                stranger.sendall(frame(1, 4, stream, head) + frame(3, 0, stream, struct.pack(">I", 8)))
        except OSError:
            pass
        stranger.close()
        self.assertEqual(self.engine.run("version").code, 0)

    def test_a_client_that_goes_leaves_no_session_and_no_descriptor(self):
        count = lambda: len(os.listdir(f"/proc/{self.engine.process.pid}/fd"))
        before = count()
        for number in range(50):
            stranger = self.hijacked("/session", f"X-Docker-Expose-Session-Uuid: s{number % 7}")
            stranger.close()
            self.hijacked("/grpc").close()
        eventually(lambda: count() <= before + 2, what="the end of all connections")

    def test_more_sessions_of_one_name_are_turned_away(self):
        first = self.hijacked("/session", "X-Docker-Expose-Session-Uuid: twice")
        self.assertTrue(first.recv(24).startswith(b"PRI"))
        second = self.hijacked("/session", "X-Docker-Expose-Session-Uuid: twice")
        self.assertEqual(self.all(second), b"")

    def test_a_build_of_a_session_that_does_not_come_fails(self):
        stranger = self.connect("/build?version=2&session=nobody&remote=client-session")
        answer = b""
        while b"no active session" not in answer:
            piece = stranger.recv(65536)
            self.assertTrue(piece, answer)
            answer += piece


if __name__ == "__main__":
    unittest.main()
