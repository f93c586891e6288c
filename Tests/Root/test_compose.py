"""skiff compose: what its commands do to containers, and show of them."""

import json
import pathlib
import signal
import subprocess
import tempfile
import unittest

from engine import SKIFF, docker_config, eventually
from fixtures import EngineTest

HOOKED = """services:
  web:
    image: busybox
    command: sleep 1000
    init: true
    volumes: ["./notes:/notes"]
    post_start: [{command: ["sh", "-c", "echo hello; echo hello >> /notes/all"]}]
    pre_stop: [{command: ["sh", "-c", "echo bye; echo bye >> /notes/all"]}]
"""

FAILING = """services:
  web:
    image: busybox
    command: sleep 1000
    init: true
    pre_stop: [{command: ["sh", "-c", "exit 3"]}]
"""

TALKING = """services:
  a:
    image: busybox
    command: ["sh", "-c", "echo begun; echo badly >&2; until [ -e /go ]; do sleep 0.1; done; echo gone on; sleep 1000"]
    init: true
  silent-and-long:
    image: busybox
    command: sleep 1000
    init: true
"""


class Compose(EngineTest):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="skiff-test-")
        self.addCleanup(directory.cleanup)
        self.project = pathlib.Path(directory.name) / "project"
        self.addCleanup(lambda: self.engine.run("compose", "-p", "project", "down", "-t", "0", check=False))

    def compose(self, *words, **options):
        return self.run_skiff("compose", *words, cwd=self.project, **options)

    def file(self, text):
        self.write(self.project, {"compose.yaml": text, "notes/all": ""})

    def begin(self, *words, program=None):
        """Starts a command, of ours or of Docker Compose's program, that writes to self.output."""
        self.output = self.project.parent / "output"
        command = [program] if program else [SKIFF, "compose"]
        with open(self.output, "wb") as output:
            process = subprocess.Popen([*command, "--project-directory", str(self.project), *words], env=self.engine.variables(),
                                       stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self.addCleanup(process.wait, 20)
        self.addCleanup(process.kill)
        return process

    def shows(self, words):
        eventually(lambda: words in self.output.read_text(), 20, words)

    def test_up_of_one_container_outlives_its_restart(self):
        self.file('''services: {web: {image: busybox, init: true, command: "sh -c 'echo here; sleep 1000'"}}''')
        docker = f"{docker_config(self.project.parent)}/cli-plugins/docker-compose"
        for program in (None, docker):
            with self.subTest(program=program):
                process = self.begin("up", program=program)
                self.shows("here")
                for count in (2, 3):
                    self.compose("restart", "-t", "0")
                    eventually(lambda: self.output.read_text().count("| here") >= count, 20, "heard again")
                self.assertIsNone(process.poll())
                process.send_signal(signal.SIGINT)
                process.wait(20)
                self.compose("down", "-t", "0")

    def test_hooks_run_where_docker_compose_runs_them(self):
        self.file(HOOKED)
        for words, expected in (
                (["up", "-d", "--scale", "web=2"], "hello hello"), (["stop", "-t", "0"], "bye bye"), (["start"], "hello hello"),
                (["restart", "-t", "0"], "bye bye hello hello"), (["up", "-d", "-t", "0", "--scale", "web=1"], "bye"),
                # What takes another's place does so without a word.
                (["up", "-d", "-t", "0", "--force-recreate"], "hello"), (["rm", "-s", "-f"], "bye"), (["up", "-d"], "hello"),
                (["down", "-t", "0"], "bye")):
            with self.subTest(words):
                (self.project / "notes/all").write_text("")
                # Nobody hears them where no logs are shown.
                self.assertNotRegex(self.compose(*words).out, "hello|bye")
                self.assertEqual(sorted((self.project / "notes/all").read_text().split()), sorted(expected.split()))

    def test_hooks_are_heard_among_the_logs(self):
        self.file(HOOKED)
        up = self.begin("up", "-t", "0")
        self.shows("web-1 ->  | hello\n")
        up.send_signal(signal.SIGINT)
        self.assertEqual(up.wait(20), 130)
        self.shows("web-1 ->  | bye\n")

    def test_a_container_whose_hook_fails_runs_on(self):
        self.file(FAILING)
        self.compose("up", "-d")
        refused = self.compose("stop", "-t", "0", check=False)
        self.assertEqual(refused.code, 1)
        self.assertIn("web hook exited with status 3\n", refused.err)
        self.assertEqual(self.compose("ps", "--format", "{{.State}}").out, "running\n")
        self.engine.run("rm", "-f", "project-web-1")

    def test_up_joins_what_runs_already(self):
        self.file(TALKING)
        self.compose("up", "-d")
        up = self.begin("up", "-t", "0")
        self.shows("Attaching to a-1, silent-and-long-1\n")
        # A restart may have come in between: only what is written from now on is shown.
        eventually(lambda: self.compose("exec", "-T", "a", "touch", "/go", check=False).code == 0)
        # Who says nothing takes no room.
        self.shows("a-1  | gone on\n")
        self.assertNotIn("begun", self.output.read_text())
        up.send_signal(signal.SIGINT)
        self.assertEqual(up.wait(20), 130)

    def test_every_run_of_a_restarting_container_is_shown_once(self):
        self.file("services: {a: {image: busybox, restart: 'on-failure:3', command: ['sh', '-c', 'echo run; exit 3']}}\n")
        shown = self.compose("up")
        self.assertEqual(shown.out.count("a-1  | run\n"), 4)
        self.assertEqual((shown.out.count("exited with code 3 (restarting)\n"), shown.out.count("exited with code 3\n")), (3, 1))

    def test_the_first_end_ends_all_where_that_is_wanted(self):
        self.file("services:\n  a: {image: busybox, command: sh -c 'sleep 0.5; exit 4'}\n  b: {image: busybox, command: sleep 1000, init: true}\n")
        ended = self.compose("up", "--abort-on-container-exit", "-t", "0", check=False)
        self.assertEqual(ended.code, 4)
        self.assertIn("Aborting on container exit...\n", ended.err)
        self.assertEqual(self.compose("ps", "-q").out, "")

    def test_logs_are_on_standard_output(self):
        self.file(TALKING)
        self.compose("up", "-d")
        said = eventually(lambda: (logs := self.compose("logs")).out.count("\n") == 2 and logs, 20, "the logs")
        self.assertEqual((sorted(said.out.splitlines()), said.err), (["a-1  | badly", "a-1  | begun"], ""))

    def test_what_cannot_be_is_refused_before_anything_is_done(self):
        self.file(TALKING)
        for words, complaint in (
                ("create --build --no-build", "--build and --no-build are incompatible"),
                ("create --force-recreate --no-recreate", "--force-recreate and --no-recreate are incompatible"),
                ("up --no-recreate -V", "--no-recreate and --renew-anon-volumes are incompatible"),
                ("up --attach b", "cannot attach to services not included in up: b"),
                ("up --abort-on-container-exit --abort-on-container-failure",
                 "--abort-on-container-failure cannot be combined with --abort-on-container-exit"),
                ("logs --index 1", "--index requires one service to be selected"),
                ("logs --index 1 a", 'service "a" is not running container #1'),
                ("logs --since nope", 'invalid value for "since": failed to parse value as time or duration: "nope"')):
            with self.subTest(words):
                refused = self.compose(*words.split(), check=False)
                self.assertEqual((refused.code, refused.err), (1, complaint + "\n"))
        self.assertEqual(self.compose("ps", "-aq").out, "")

    def test_volumes_are_told_by_templates(self):
        self.file("services: {a: {image: busybox, command: sleep 1000, init: true, volumes: ['store:/d']}}\nvolumes: {store: {}}\n")
        self.compose("up", "-d")
        self.assertEqual(self.compose("volumes", "--format", "{{.Name}} {{.Scope}}").out, "project_store local\n")
        told = json.loads(self.compose("volumes", "--format", "json").out)
        self.assertEqual((told["Name"], told["Links"], "com.docker.compose.volume=store" in told["Labels"]), ("project_store", "N/A", True))
        self.compose("down", "-v", "-t", "0")

    def test_small_answers_are_docker_composes(self):
        self.file(TALKING)
        self.compose("create")
        # What does not run is told, too.
        self.assertIn(" Container project-a-1  Stopped\n", self.compose("stop", "a").err)
        self.compose("up", "-d", "a")
        for _ in range(2):
            self.assertIn(" Container project-a-1  Stopped\n", self.compose("stop", "-t", "0", "a").err)
        self.assertEqual(self.compose("rm", "-f", "a").out, "Going to remove project-a-1\n")
        started = self.compose("run", "-d", "a", "sleep", "1000").out
        self.assertEqual(started, self.run_skiff("ps", "-q", "--no-trunc").out)
        self.run_skiff("rm", "-f", started.strip())

    def test_copying_is_told(self):
        self.file(TALKING)
        self.compose("up", "-d", "a")
        copied = self.compose("cp", "compose.yaml", "a:/tmp/")
        self.assertEqual(copied.err, " project-a-1 copy compose.yaml to project-a-1:/tmp/ Copying\n"
                                     " project-a-1 copy compose.yaml to project-a-1:/tmp/ Copied\n")

    def test_a_container_that_starts_says_nothing_before_its_start(self):
        self.run_skiff("run", "-d", "--name", "early", "busybox", "sh", "-c", "echo first; sleep 1000")
        self.remove_later("early")
        for _ in range(3):
            self.run_skiff("restart", "-t", "0", "early")
            started = json.loads(self.run_skiff("inspect", "early").out)[0]["State"]["StartedAt"]
            eventually(lambda: self.run_skiff("logs", "--since", started, "early").out == "first\n", 5, "the first words")


if __name__ == "__main__":
    unittest.main()
