"""compose watch: files that are saved reach containers, restart and rebuild them."""

import os
import pathlib
import signal
import tempfile
import unittest

from engine import eventually
from fixtures import EngineTest

COMPOSE_FILE = """services:
  web:
    build: .
    command: ["sh", "-c", "echo begun; sleep 1000"]
    init: true
    develop:
      watch:
        - {action: rebuild, path: ./Dockerfile}
        - {action: sync, path: ./src, target: /src, ignore: [left/], initial_sync: true}
        - {action: sync+restart, path: ./app.ini, target: /etc/app.ini}
        - {action: sync+exec, path: ./made, target: /made, exec: {command: "cp /made/in /made/out"}}
  other:
    image: busybox
    command: sleep 1000
    init: true
"""


class Watch(EngineTest):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="skiff-test-")
        self.addCleanup(directory.cleanup)
        self.project = pathlib.Path(directory.name) / "watched"
        self.write(self.project, {"compose.yaml": COMPOSE_FILE, "Dockerfile": "FROM busybox\nRUN mkdir /made\n", "src/one": "1\n", "app.ini": "a\n"})
        self.addCleanup(lambda: self.compose("down", "--rmi", "local", "-t", "0", check=False))

    def compose(self, *words, **options):
        return self.run_skiff("compose", *words, cwd=self.project, **options)

    def start(self, *words):
        self.output = self.project.parent / "output"
        with open(self.output, "wb") as output:
            watch = self.engine.begin("compose", "--project-directory", str(self.project), "-f", str(self.project / "compose.yaml"), *(words or ["watch"]),
                                      stdout=output, stderr=output)
        self.addCleanup(watch.wait, 20)
        self.addCleanup(watch.kill)
        self.sees("Watch enabled")
        return watch

    def sees(self, words):
        eventually(lambda: words in self.output.read_text(), 30, f"{words!r} in {self.output.read_text()!r}")

    def holds(self, path, text):
        eventually(lambda: self.compose("exec", "-T", "web", "cat", path, check=False).out == text, 20, f"{text!r} in {path}")

    def test_up_watches_beside_its_logs(self):
        # The image is made later than this file, but not later than it says.
        os.utime(self.project / "src/one", (2**32, 2**32))
        up = self.start("up", "--watch")
        self.sees("web-1   | begun\n")
        self.assertRegex(self.output.read_text(), r"(?m)^        ⦿ Watch enabled$")
        self.holds("/src/one", "1\n")
        self.write(self.project, {"src/one": "changed\n"})
        self.holds("/src/one", "changed\n")
        self.sees(' ⦿ Syncing service "web" after 1 changes were detected\n')
        # What a container says after a restart, and one that takes another's place, is shown from its first word.
        self.write(self.project, {"app.ini": "b\n"})
        self.sees(' ⦿ service(s) ["web"] restarted\n')
        eventually(lambda: self.output.read_text().count("| begun\n") == 2, 20, "the second run's output")
        first = self.compose("ps", "-q", "web").out
        self.write(self.project, {"Dockerfile": "FROM busybox\nRUN echo anew > /anew\n"})
        self.sees(' ⦿ service(s) ["web"] successfully built\n')
        self.sees("web-1 has been recreated\n")
        eventually(lambda: self.output.read_text().count("| begun\n") == 3, 20, "the third run's output")
        self.holds("/anew", "anew\n")
        self.assertNotEqual(self.compose("ps", "-q", "web").out, first)
        self.assertIsNone(up.poll())
        up.send_signal(signal.SIGINT)
        self.assertEqual(up.wait(20), 130)
        self.assertEqual(self.compose("ps", "-q").out, "")
        self.assertIn("Gracefully Stopping...", self.output.read_text())

    def test_up_goes_on_where_the_only_container_comes_back(self):
        up = self.start("up", "--watch", "web")
        self.sees("| begun\n")
        for count, text in enumerate(("b\n", "c\n"), start=1):
            self.write(self.project, {"app.ini": text})
            eventually(lambda: self.output.read_text().count("restarted\n") == count, 20, "the restart")
        self.holds("/etc/app.ini", "c\n")
        self.assertIsNone(up.poll())
        # What ends by itself ends the session.
        self.compose("kill", "web")
        self.assertEqual(up.wait(20), 0)

    def test_up_says_what_it_cannot_watch(self):
        for words, complaint in (
                (["--watch", "-d"], "--detach cannot be combined with --abort-on-container-exit, --abort-on-container-failure, --attach, "
                                    "--attach-dependencies or --watch\n"),
                (["--watch", "--wait"], "--wait cannot be combined with --abort-on-container-exit, --abort-on-container-failure, --attach, "
                                        "--attach-dependencies or --watch\n"),
                (["--watch", "--no-build"], "--no-build and --watch are incompatible\n"),
                (["--watch", "other"], "none of the selected services is configured for watch, "
                                       "see https://docs.docker.com/compose/how-tos/file-watch/\n")):
            with self.subTest(words):
                refused = self.compose("up", *words, check=False)
                self.assertEqual((refused.code, refused.err), (1, complaint))
        self.assertEqual(self.compose("ps", "-aq").out, "")

    def test_saved_files_reach_the_container_and_removed_ones_go(self):
        # The image is made later than this file, but not later than it says.
        os.utime(self.project / "src/one", (2**32, 2**32))
        watch = self.start()
        self.holds("/src/one", "1\n")
        self.write(self.project, {"src/deep/er/two": "2\n", "src/left/out": "x", "src/one": "changed\n"})
        self.holds("/src/deep/er/two", "2\n")
        self.holds("/src/one", "changed\n")
        # A directory that came later is watched, too.
        self.write(self.project, {"src/deep/er/three": "3\n"})
        self.holds("/src/deep/er/three", "3\n")
        (self.project / "src/one").unlink()
        eventually(lambda: self.compose("exec", "-T", "web", "ls", "/src/one", check=False).code == 1, 20, "the removal")
        self.assertEqual(self.compose("exec", "-T", "web", "ls", "/src").out, "deep\n")
        self.sees('Syncing service "web" after')
        watch.send_signal(signal.SIGINT)
        self.assertEqual(watch.wait(20), 130)
        self.sees("Watch disabled")

    def test_services_restart_are_rebuilt_and_run_commands(self):
        self.start()
        first = self.compose("ps", "-q", "web").out
        self.write(self.project, {"app.ini": "b\n"})
        self.sees('service(s) ["web"] restarted')
        self.holds("/etc/app.ini", "b\n")
        eventually(lambda: self.compose("logs", "--no-log-prefix", "web").out.count("begun") == 2, 20, "the second run")
        self.write(self.project, {"made/in": "made\n"})
        self.holds("/made/out", "made\n")
        self.assertEqual(self.compose("ps", "-q", "web").out, first)
        self.write(self.project, {"Dockerfile": "FROM busybox\nRUN echo anew > /anew\n"})
        self.sees('service(s) ["web"] successfully built')
        self.holds("/anew", "anew\n")
        self.assertNotEqual(self.compose("ps", "-q", "web").out, first)
        # The image that nobody has any more is gone.
        eventually(lambda: self.run_skiff("images", "-q", "--filter", "dangling=true").out == "", 20, "the old image's end")

    def test_what_cannot_be_watched_is_said(self):
        refused = self.compose("watch", "--no-up", "other", check=False)
        self.assertEqual(refused.code, 1)
        self.assertIn("none of the selected services is configured for watch, consider setting a 'develop' section", refused.err)


if __name__ == "__main__":
    unittest.main()
