"""`skiff compose up` on a terminal: what stands there, and what Ctrl-C does, once and twice."""

import fcntl
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import tempfile
import termios
import time

from engine import SKIFF, eventually
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
WATCHED = """services:
  web:
    image: busybox
    command: sleep 1000
    init: true
    volumes: ["./data:/data:ro"]
    develop: {watch: [{action: restart, path: ./app.ini}]}
"""


class Terminal:
    """A program on a terminal, of 30 rows and 100 columns if nothing else is said."""

    def __init__(self, command, directory, environment, size=(30, 100)):
        self.text = ""
        self.master, slave = pty.openpty()
        self.resize(*size)
        self.before = self.modes()
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

    def modes(self):
        """How the terminal is set: echo, lines, signals."""
        return termios.tcgetattr(self.master)

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def end(self):
        self.until(None)
        return self.process.wait(timeout=10)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)


class ComposeOnATerminal(EngineTest):
    def up(self, text, *words, **options):
        directory = tempfile.TemporaryDirectory(prefix="skiff-test-")
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.write(directory.name, {"compose.yaml": text})
        self.addCleanup(lambda: self.run_skiff("compose", "-p", "seen", "down", "-t", "0", cwd=directory.name))
        return self.compose("up", *words, **options)

    def compose(self, *words, size=(30, 100), environment=None):
        variables = dict(os.environ, SKIFF_HOST=self.engine.host, TERM="xterm")
        variables.pop("NO_COLOR", None)
        variables.update(environment or {})
        terminal = Terminal([SKIFF, "compose", "-p", "seen", *words], self.directory, variables, size)
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

    def test_progress_fits_the_terminal_and_ends_in_order(self):
        name = "a-service-whose-name-is-longer-than-the-terminal-is-wide"
        terminal = self.up("services:\n" + "".join(
            f"  {service}:\n    image: busybox\n    command: sleep 1000\n" for service in (name, "web")), "-d", size=(10, 40))
        self.assertEqual(terminal.end(), 0)
        for line in self.plain(terminal.text).splitlines():
            self.assertLess(len(re.sub(r"\x1b\[\d*[A-Z]", "", line)), 40, terminal.text)
        last = [line for line in self.plain(terminal.text).replace("\x1b[2K", "").splitlines()][-4:]
        self.assertRegex(last[0], r"^\x1b\[\d+A\[\+\] Running 3/3$|^\[\+\] Running 3/3$")
        self.assertEqual(sorted(line.split()[-2] for line in last[1:]), ["Created", "Started", "Started"])

    def test_a_terminal_that_cannot_draw_gets_plain_lines(self):
        terminal = self.up(ONE_ENDS, "-d", environment={"TERM": "dumb"})
        self.assertEqual(terminal.end(), 0)
        self.assertNotIn("\x1b", terminal.text)
        self.assertIn(" Container seen-short-1  Started\r\n", terminal.text)

    def test_exec_has_our_size_from_the_start_and_is_left_by_its_keys(self):
        self.up(PROJECT.format(grace="0s"), "-d").end()
        for words in (["exec", "web"], ["run", "--rm", "web"]):
            terminal = self.compose(*words, "stty", "size", size=(33, 77))
            self.assertEqual(terminal.end(), 0)
            self.assertIn("33 77", terminal.text)
        terminal = self.compose("exec", "web", "sh")
        terminal.until("# ")
        terminal.press(b"\x10\x11")
        terminal.until("read escape sequence")
        self.assertEqual(terminal.end(), 1)
        self.assertEqual(terminal.modes(), terminal.before)

    def test_what_failed_is_not_drawn_again_over_what_watch_tells_later(self):
        terminal = self.up(WATCHED, "-d")
        self.assertEqual(terminal.end(), 0)
        directory = pathlib.Path(self.directory)
        terminal = self.compose("watch", "--no-up")
        terminal.until("Watch enabled")
        (directory / "data").rename(directory / "gone")
        (directory / "app.ini").write_text("1")
        terminal.until("Error handling changed files")
        (directory / "gone").rename(directory / "data")
        (directory / "app.ini").write_text("2")
        terminal.until('service(s) ["web"] restarted')
        terminal.press(b"\x03")
        self.assertEqual(terminal.end(), 130)
        between = terminal.text.split("Error handling changed files", 1)[1].split("[+] Restarting", 1)[0]
        self.assertNotRegex(between, r"\x1b\[\d*A", "the cursor went up")

    def test_an_end_is_told_as_docker_compose_tells_it(self):
        terminal = self.up(ONE_ENDS)
        self.assertEqual(terminal.end(), 0)
        self.assertIn("\nshort-1 exited with code 3\r\n", self.plain(terminal.text))
        self.assertIn("short-1  | hi\r\n", self.plain(terminal.text))


class ContainersOnATerminal(EngineTest):
    def terminal(self, *arguments, **options):
        terminal = Terminal([SKIFF, *arguments], "/", dict(os.environ, SKIFF_HOST=self.engine.host, TERM="xterm"), **options)
        self.addCleanup(terminal.close)
        return terminal

    def test_a_terminal_that_does_not_know_its_size_shows_all_of_the_tree(self):
        terminal = self.terminal("images", "--tree", size=(0, 0))
        self.assertEqual(terminal.end(), 0)
        self.assertIn("CONTENT SIZE", terminal.text)

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

    def test_ctrl_c_and_sigterm_end_what_waits_with_docker_s_codes(self):
        self.remove_later("talks")
        self.run_skiff("run", "-d", "--name", "talks", "busybox", "sh", "-c", "while :; do echo tick; sleep 0.1; done")
        for words, sign in [(["logs", "-f", "talks"], "tick"), (["stats", "talks"], "talks"), (["wait", "talks"], None),
                            (["attach", "--sig-proxy=false", "talks"], "tick"), (["events", "--since", "1h"], "container start"),
                            (["exec", "talks", "sh", "-c", "echo ready; sleep 60"], "ready")]:
            for ending, code in [(lambda terminal: terminal.press(b"\x03"), 130),
                                 (lambda terminal: terminal.process.send_signal(signal.SIGTERM), 143)]:
                with self.subTest(words=words, code=code):
                    terminal = self.terminal(*words)
                    if sign:
                        terminal.until(sign)
                    else:
                        eventually(lambda: self.catches_sigint(terminal.process.pid), what="the hearing of signals")
                    ending(terminal)
                    self.assertEqual(terminal.end(), code)

    def catches_sigint(self, pid):
        caught = re.search(r"^SigCgt:\s*([0-9a-f]+)$", pathlib.Path(f"/proc/{pid}/status").read_text(), re.M)
        return int(caught[1], 16) >> 1 & 1

    def test_whoever_ends_an_exec_finds_the_terminal_as_it_was(self):
        self.remove_later("quiet")
        self.run_skiff("run", "-d", "--name", "quiet", "busybox", "sleep", "1000")
        for number, code in [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, -1)]:
            terminal = self.terminal("exec", "-it", "quiet", "sh", "-c", "echo ready; sleep 60")
            terminal.until("ready")
            self.assertNotEqual(terminal.modes(), terminal.before)
            terminal.process.send_signal(number)
            self.assertEqual(terminal.end(), code)
            self.assertEqual(terminal.modes(), terminal.before)

    def test_what_was_ignored_from_the_start_stays_ignored(self):
        self.remove_later("talks-on")
        self.run_skiff("run", "-d", "--name", "talks-on", "busybox", "sh", "-c", "while :; do echo tick; sleep 0.1; done")
        terminal = Terminal(["sh", "-c", f"trap '' INT; exec {SKIFF} logs -f talks-on"], "/",
                            dict(os.environ, SKIFF_HOST=self.engine.host, TERM="xterm"))
        self.addCleanup(terminal.close)
        terminal.until("tick")
        terminal.press(b"\x03")
        terminal.until("^C")
        terminal.text = terminal.text.split("^C")[1]
        terminal.until("tick\r\ntick\r\n")
        self.assertIsNone(terminal.process.poll())

    def test_a_build_tells_how_much_it_has_sent(self):
        directory = tempfile.TemporaryDirectory(prefix="skiff-test-")
        self.addCleanup(directory.cleanup)
        self.write(directory.name, {"Dockerfile": "FROM busybox\nCOPY large /\n", "large": "x" * 3_000_000})
        terminal = self.terminal("build", "-t", "sent", directory.name)
        self.assertEqual(terminal.end(), 0)
        self.assertRegex(terminal.text, r"\x1b\[2KSending build context to Skiff daemon  3\.\d+MB\r\nStep 1/2 : FROM busybox\r\n")
        self.assertNotIn("Sending", self.run_skiff("build", "-t", "sent", directory.name).out)
        self.assertNotIn("Sending", self.run_skiff("build", "-q", directory.name).out)

    def test_a_copy_tells_how_much_went_over(self):
        self.remove_later("source")
        self.run_skiff("create", "--name", "source", "busybox", "true")
        directory = tempfile.TemporaryDirectory(prefix="skiff-test-")
        self.addCleanup(directory.cleanup)
        terminal = self.terminal("cp", "source:/etc/passwd", directory.name)
        self.assertEqual(terminal.end(), 0)
        self.assertEqual(terminal.text, f"Successfully copied 2.05kB to {directory.name}\r\n")

    def test_nothing_of_ours_takes_the_place_of_a_stream_that_is_closed(self):
        self.remove_later("quiet-too")
        self.run_skiff("run", "-d", "--name", "quiet-too", "busybox", "sleep", "1000")
        for words in ("run --rm -i busybox cat <&-", "exec -i quiet-too cat <&-", "ps >&- 2>&-", "exec quiet-too echo hi >&-"):
            result = subprocess.run(["sh", "-c", f"{SKIFF} {words}"], env=self.engine.variables(), capture_output=True, timeout=30)
            self.assertEqual((result.returncode, result.stdout, result.stderr), (0, b"", b""), words)

    def test_stats_draw_over_what_stands_there(self):
        self.remove_later("measured")
        self.run_skiff("run", "-d", "--name", "measured", "busybox", "sleep", "1000")
        terminal = self.terminal("stats", "--format", "{{.Name}}", "measured")
        terminal.until("\x1b[Hmeasured\x1b[K\r\n\x1b[J\x1b[Hmeasured\x1b[K\r\n\x1b[J")
        self.run_skiff("rm", "-f", "measured")
        self.assertEqual(terminal.end(), 0)

    def test_an_export_that_is_broken_off_leaves_no_file(self):
        self.remove_later("large")
        self.run_skiff("run", "--name", "large", "busybox", "dd", "if=/dev/zero", "of=/big", "bs=1", "count=0", "seek=8G")
        directory = tempfile.TemporaryDirectory(prefix="skiff-test-")
        self.addCleanup(directory.cleanup)
        terminal = self.terminal("export", "-o", f"{directory.name}/large.tar", "large")
        eventually(lambda: os.listdir(directory.name), what="the file's beginning")
        terminal.press(b"\x03")
        self.assertEqual(terminal.end(), 130)
        self.assertEqual(os.listdir(directory.name), [])

    def test_ctrl_c_goes_to_a_container_whose_input_is_not_ours(self):
        terminal = self.terminal(
            "run", "--rm", "-t", "busybox", "sh", "-c", "trap 'echo got it; exit 4' INT; echo ready; while :; do sleep 0.1; done")
        terminal.until("ready")
        terminal.press(b"\x03")
        terminal.until("got it")
        self.assertEqual(terminal.end(), 4)
