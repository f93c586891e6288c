"""`skiff compose up` on a terminal: what stands there, and what Ctrl-C does, once and twice."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import tempfile
import termios
import time

from engine import SKIFF
from fixtures import EngineTest

PROJECT = """services:
  web:
    image: busybox
    command: sh -c 'trap "echo bye; exit 0" TERM; echo hello; while true; do sleep 0.1; done'
  stubborn:
    image: busybox
    stop_grace_period: {grace}
    command: sh -c 'trap "" TERM; echo stubborn; while true; do sleep 0.1; done'
    depends_on: [web]
"""
ONE_ENDS = """services:
  short:
    image: busybox
    command: sh -c 'echo hi; exit 3'
"""


class Terminal:
    """A program on a terminal of 100 columns."""

    def __init__(self, command, directory, environment):
        self.text = ""
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.process = subprocess.Popen(command, cwd=directory, env=environment, stdin=slave, stdout=slave, stderr=slave,
                                        start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)

    def until(self, text, within=30):
        """Reads on until `text` has come; None reads to the end."""
        end = time.monotonic() + within
        while text is None or text not in self.text:
            ready, _, _ = select.select([self.master], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise AssertionError(f"{text or 'the end'} did not come within {within} s:\n{self.text}")
            try:
                self.text += os.read(self.master, 65536).decode(errors="replace")
            except OSError:
                if text is not None:
                    raise AssertionError(f"{text} did not come:\n{self.text}") from None
                return self.text
        return self.text

    def press(self, key):
        os.write(self.master, key)

    def end(self):
        self.until(None)
        return self.process.wait(timeout=10)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)


class ComposeOnATerminal(EngineTest):
    def up(self, text):
        directory = tempfile.TemporaryDirectory(prefix="skiff-test-")
        self.addCleanup(directory.cleanup)
        self.write(directory.name, {"compose.yaml": text})
        self.addCleanup(lambda: self.run_skiff("compose", "-p", "seen", "down", "-t", "0", cwd=directory.name))
        environment = dict(os.environ, SKIFF_HOST=self.engine.host, TERM="xterm")
        environment.pop("NO_COLOR", None)
        terminal = Terminal([SKIFF, "compose", "-p", "seen", "up"], directory.name, environment)
        self.addCleanup(terminal.close)
        return terminal

    def plain(self, text):
        """What is read of it, without colours."""
        return re.sub(r"\x1b\[[0-9;]*m", "", text)

    def test_ctrl_c_stops_gracefully_and_draws_over_no_line_of_the_logs(self):
        terminal = self.up(PROJECT.format(grace="1s"))
        terminal.until("| \x1b[0mhello")
        terminal.until("| \x1b[0mstubborn")
        terminal.press(b"\x03")
        self.assertEqual(terminal.end(), 130)
        attached = terminal.text.split("Attaching to stubborn-1, web-1", 1)[1]
        self.assertNotRegex(attached, r"\x1b\[\d*A", "the cursor went up, over the logs")
        said = self.plain(attached)
        self.assertIn("Gracefully Stopping... press Ctrl+C again to force", said)
        self.assertIn("web-1       | bye", said)
        order = [said.index(f"Container seen-{name}") for name in ("stubborn-1  Stopping", "stubborn-1  Stopped", "web-1  Stopped")]
        self.assertEqual(order, sorted(order))
        self.assertEqual(self.run_skiff("ps", "-q").out, "")

    def test_ctrl_c_twice_does_not_wait(self):
        terminal = self.up(PROJECT.format(grace="600s"))
        terminal.until("| \x1b[0mstubborn")
        terminal.press(b"\x03")
        terminal.until("Stopping\x1b[0m")
        terminal.press(b"\x03")
        self.assertEqual(terminal.end(), 130)
        self.assertEqual(self.run_skiff("ps", "-q").out, "")

    def test_an_end_is_told_as_docker_compose_tells_it(self):
        terminal = self.up(ONE_ENDS)
        self.assertEqual(terminal.end(), 0)
        self.assertIn("\nshort-1 exited with code 3\r\n", self.plain(terminal.text))
        self.assertIn("short-1  | hi\r\n", self.plain(terminal.text))


class ContainersOnATerminal(EngineTest):
    def terminal(self, *arguments):
        terminal = Terminal([SKIFF, *arguments], "/", dict(os.environ, SKIFF_HOST=self.engine.host, TERM="xterm"))
        self.addCleanup(terminal.close)
        return terminal

    def test_whoever_attaches_to_a_shell_sees_its_prompt(self):
        self.remove_later("shell")
        self.run_skiff("run", "-dit", "--name", "shell", "busybox", "sh")
        terminal = self.terminal("attach", "--detach-keys", "ctrl-a,x", "shell")
        terminal.until("/ # ")
        terminal.press(b"echo se$((4 + 4))n\r")
        terminal.until("se8n")
        terminal.press(b"\x01x")
        terminal.until("read escape sequence")
        self.assertEqual(terminal.end(), 1)
        self.assertEqual(self.run_skiff("inspect", "-f", "{{.State.Status}}", "shell").out, "running\n")

    def test_ctrl_c_goes_to_a_container_whose_input_is_not_ours(self):
        terminal = self.terminal(
            "run", "--rm", "-t", "busybox", "sh", "-c", "trap 'echo got it; exit 4' INT; echo ready; while :; do sleep 0.1; done")
        terminal.until("ready")
        terminal.press(b"\x03")
        terminal.until("got it")
        self.assertEqual(terminal.end(), 4)
