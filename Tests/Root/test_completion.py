"""Completion as people use it: the scripts in a real bash, zsh and fish, with names that the engine knows."""

import pathlib
import pty
import os
import select
import shutil
import subprocess
import tempfile
import time

from engine import PROGRAMS, SKIFF
from fixtures import EngineTest


class Completion(EngineTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        run = cls.engine.run
        run("tag", "busybox", "registry.example:5000/team/busybox:v1")
        run("run", "-d", "--name", "living", "busybox", "sleep", "1000")
        run("create", "--name", "lying", "busybox", "true")
        run("network", "create", "mynetwork")
        run("volume", "create", "myvolume")
        cls.place = pathlib.Path(tempfile.mkdtemp(prefix="skiff-completion-"))
        cls.addClassCleanup(shutil.rmtree, cls.place, ignore_errors=True)
        (cls.place / "compose.yaml").write_text("services:\n  database:\n    image: busybox\n  frontend:\n    image: busybox\n")
        (cls.place / "somefile.tar").touch()
        for shell in ("bash", "zsh", "fish"):
            (cls.place / f"script.{shell}").write_text(run("completion", shell).out)

    def variables(self):
        return {**self.engine.variables(), "PATH": f"{PROGRAMS}:{os.environ['PATH']}", "HOME": str(self.place),
                "DOCKER_CONFIG": str(self.place / "docker"), "TERM": "dumb", "LANG": "C.UTF-8"}

    def complete(self, *words):
        """What the protocol of docker's own scripts says: suggestions and directive."""
        result = subprocess.run([SKIFF, "__complete", *words], env=self.variables(), cwd=self.place, capture_output=True,
                                text=True, timeout=30)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        *lines, directive = result.stdout.splitlines()
        return [line.split("\t")[0] for line in lines], directive

    def test_the_protocol(self):
        self.assertEqual(self.complete("sto"), (["stop"], ":4"))
        self.assertEqual(self.complete("container", "unp"), (["unpause"], ":4"))
        self.assertEqual(self.complete("stop", ""), (["living"], ":4"))
        self.assertEqual(self.complete("start", ""), (["lying"], ":4"))
        self.assertEqual(sorted(self.complete("rm", "-f", "l")[0]), ["living", "lying"])
        self.assertEqual(self.complete("rm", "living", "li")[0], [])
        self.assertEqual(self.complete("run", "--network", "my"), (["mynetwork"], ":4"))
        self.assertEqual(self.complete("run", "--network=my"), (["--network=mynetwork"], ":4"))
        self.assertEqual(self.complete("run", "--restart", "un"), (["unless-stopped"], ":4"))
        self.assertEqual(self.complete("run", "busy"), (["busybox:latest"], ":4"))
        self.assertEqual(self.complete("run", "busybox", "s"), ([], ":0"))
        self.assertEqual(self.complete("volume", "rm", ""), (["myvolume"], ":4"))
        self.assertEqual(self.complete("cp", "liv"), (["living:"], ":2"))
        self.assertEqual(self.complete("network", "connect", "mynetwork", "liv")[0], ["living"])
        self.assertIn("--detach", self.complete("run", "--det")[0])
        self.assertEqual(self.complete("compose", "up", "data")[0], ["database"])
        self.assertEqual(self.complete("compose", "logs", "database", "")[0], ["frontend"])
        self.assertIn("down", self.complete("compose", "d")[0])
        self.assertEqual(self.complete("context", "use", "")[0], ["default"])
        self.assertEqual(self.complete("completion", "")[0], ["bash", "zsh", "fish"])
        self.assertEqual(self.complete("no-such-command", ""), ([], ":4"))
        # Another engine, and none at all.
        self.assertEqual(self.complete("-H", "unix:///nowhere", "stop", ""), ([], ":4"))
        self.assertFalse(os.path.exists("/nowhere"))

    def test_bash(self):
        def bash(line):
            script = ("source script.bash; COMP_LINE=$1; COMP_POINT=${#1}; compopt() { :; }; COMP_WORDBREAKS=$' \\t\\n\"\\'><=;|&(:'; "
                      "_skiff; printf '%s\\n' \"${COMPREPLY[@]}\"")
            result = subprocess.run(["bash", "--norc", "-c", script, "bash", line], env=self.variables(), cwd=self.place,
                                    capture_output=True, text=True, timeout=30)
            self.assertEqual(result.stderr, "")
            return result.stdout.split()
        self.assertEqual(bash("skiff stop l"), ["living"])
        self.assertEqual(bash("skiff network rm my"), ["mynetwork"])
        # Behind a colon readline replaces only the rest.
        self.assertEqual(bash("skiff rmi registry.example:5000/te"), ["5000/team/busybox:v1"])
        self.assertEqual(bash("skiff run --network=my"), ["mynetwork"])
        self.assertEqual(bash("skiff load -i some"), ["somefile.tar"])
        self.assertEqual(bash("skiff compose -f compose.yaml up fr"), ["frontend"])

    def typed(self, command, ready, keys, expected):
        """Types into a shell at a terminal until the expected text has come."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.place)
            os.execvpe(command[0], command, self.variables())
        seen = b""
        try:
            for wanted, reply in ((ready, keys), (expected, b"")):
                end = time.monotonic() + 20
                while wanted not in seen:
                    self.assertLess(time.monotonic(), end, f"{wanted} did not come: {seen[-2000:]}")
                    if select.select([terminal], [], [], 0.2)[0]:
                        seen += os.read(terminal, 65536)
                seen = b""
                os.write(terminal, reply)
        finally:
            os.kill(pid, 9)
            os.waitpid(pid, 0)
            os.close(terminal)

    def test_bash_at_a_terminal(self):
        (self.place / "bashrc").write_text("PS1='ready> '\nsource script.bash\nbind 'set bell-style none'\nbind 'set enable-bracketed-paste off'\n")
        self.typed(["bash", "--rcfile", "bashrc", "-i"], b"ready> ", b"skiff stop liv\t", b"skiff stop living ")
        self.typed(["bash", "--rcfile", "bashrc", "-i"], b"ready> ", b"skiff cp livi\t", b"skiff cp living:")

    def test_zsh_at_a_terminal(self):
        (self.place / ".zshrc").write_text("PS1='ready> '\nautoload -U compinit; compinit -u -D\nsource script.zsh\nunset zle_bracketed_paste\n")
        self.typed(["zsh", "-i"], b"ready> ", b"skiff network rm myn\t", b"mynetwork")

    def test_fish(self):
        script = "source script.fish; complete -C 'skiff stop liv'; complete -C 'skiff volume rm my'; complete -C 'skiff load -i some'"
        result = subprocess.run(["fish", "--no-config", "-c", script], env=self.variables(), cwd=self.place, capture_output=True, text=True,
                                timeout=30)
        self.assertEqual([line.split("\t")[0] for line in result.stdout.splitlines()], ["living", "myvolume", "somefile.tar"], result)


del EngineTest
