"""A terminal of a reader: commands are typed into bash one after another; directory and variables stay from one to the next."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import tempfile
import termios
import time

# A place on the screen, or back where the cursor was: to a reader that begins a line.
JUMPS = re.compile(r"\x1b\[\d+;\d+H|\x1b8")
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\x1b[=>7]|\x08|\x0f")


def plain(text):
    """Text as it reads, without what moves the cursor or colours it."""
    return ESCAPES.sub("", JUMPS.sub("\n", text)).replace("\r\n", "\n").replace("\r", "\n")


class Foreground:
    """A command that runs in a pseudoterminal of its own."""

    def __init__(self, command, cwd, environment):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        self.process = subprocess.Popen(["bash", "-c", command], cwd=cwd, env=environment, stdin=slave, stdout=slave, stderr=slave,
                                        start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        self.raw = b""

    @property
    def text(self):
        return plain(self.raw.decode(errors="replace"))

    def _read(self, seconds):
        """Reads what comes within a time; false when the terminal has been closed."""
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            part = os.read(self.master, 1 << 16)
        except OSError:
            part = b""
        self.raw += part
        return bool(part)

    def until(self, pattern, within):
        """Whether the pattern is shown within a time; a command that ends is not waited for any longer."""
        end = time.monotonic() + within
        while not re.search(pattern, self.text, re.MULTILINE):
            if time.monotonic() > end or not self._read(0.2):
                return re.search(pattern, self.text, re.MULTILINE) is not None
        return True

    def press_control_c(self):
        os.write(self.master, b"\x03")

    def end(self, within):
        """Waits until the command has ended and returns its exit code; None when it had to be killed."""
        end = time.monotonic() + within
        while self.process.poll() is None and time.monotonic() < end:
            self._read(0.05)
        while select.select([self.master], [], [], 0)[0] and self._read(0):
            pass
        code = self.process.poll()
        if code is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self.master)
        return code


class Terminal:
    def __init__(self, directory, environment):
        self.cwd, self.environment = str(directory), dict(environment)

    def run(self, command, within, tty=False):
        """Types a command, waits for its end, and returns its exit code (None: killed after `within` s) and all that it showed."""
        with tempfile.TemporaryDirectory(prefix="skiff-test-") as directory:
            state = os.path.join(directory, "state")
            script = f"{command}\ncode=$?; {{ pwd; env -0; }} > {state}; exit $code"
            code, text = self._in_terminal(script, within) if tty else self._piped(script, within)
            if os.path.exists(state):
                self._remember(state)
        return code, text

    def _remember(self, state):
        with open(state, errors="surrogateescape") as file:
            self.cwd = file.readline().rstrip("\n")
            pairs = (line.split("=", 1) for line in file.read().split("\0") if "=" in line)
            self.environment = {name: value for name, value in pairs if name != "_"}

    def _in_terminal(self, script, within):
        foreground = Foreground(script, self.cwd, self.environment)
        code = foreground.end(within)
        return code, foreground.text

    def _piped(self, script, within):
        process = subprocess.Popen(["bash", "-c", script], cwd=self.cwd, env=self.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            out, _ = process.communicate(timeout=within)
            return process.returncode, plain(out.decode(errors="replace"))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, _ = process.communicate()
            return None, plain(out.decode(errors="replace"))

    def foreground(self, command):
        return Foreground(command, self.cwd, self.environment)
