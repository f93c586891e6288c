"""Types the commands of a tutorial with one client, and keeps a row for each: as printed, pass or fail, how long it took."""

import contextlib
import dataclasses
import re
import time

from terminal import Terminal

SLOW = 900


@dataclasses.dataclass
class Row:
    printed: str
    passed: bool
    seconds: float
    reason: str = ""


class Tutorial:
    """One tutorial with one client. Steps that fail are written down; those that follow are typed all the same."""

    def __init__(self, name, client, engine, directory, say):
        self.name, self.client, self.engine, self.directory, self.say = name, client, engine, directory, say
        self.rows = []
        self.terminal = Terminal(directory, client.environment(engine.host))
        # In the wording of the old docker-compose, or of the new one.
        self.hyphenated = client.hyphenated

    def other_terminal(self, cwd=None, host=None):
        """A second window of the reader's: at the same place, or another; of the same machine, or another."""
        here = self.terminal
        environment = dict(here.environment, **({"DOCKER_HOST": host, "SKIFF_HOST": host} if host else {}))
        return Terminal(cwd or here.cwd, environment)

    @contextlib.contextmanager
    def at(self, terminal):
        """Types into another terminal meanwhile."""
        mine, self.terminal = self.terminal, terminal
        try:
            yield
        finally:
            self.terminal = mine

    def types(self, printed, *shows, fill=None, code=0, tty=False, within=SLOW, until=None, hides=()):
        """Types a command as printed, `fill` in place of its placeholders, and expects an exit code and patterns in what it shows.

        `until`: seconds for which it is typed again until it does so, as a reader does who reloads a page.
        Returns what was shown.
        """
        typed, started = _filled(printed, fill), time.monotonic()
        while True:
            status, text = self.terminal.run(typed, within, tty)
            reason = _reason(status, code, text, shows, hides)
            if not reason or until is None or time.monotonic() - started > until:
                break
            time.sleep(0.2)
        self._row(printed, typed, started, reason)
        return text

    @contextlib.contextmanager
    def holds(self, printed, *shows, fill=None, code=(0, 130), within=SLOW, after=(), ends=60):
        """Types a command that stays in the foreground, does the block when it shows the patterns, then presses Ctrl-C.

        `code`: what it may exit with; `after`: what it shows by its end.
        """
        typed, started = _filled(printed, fill), time.monotonic()
        command = self.terminal.foreground(typed)
        missing = [pattern for pattern in shows if not command.until(pattern, started + within - time.monotonic())]
        seconds = time.monotonic() - started
        try:
            yield command
        finally:
            command.press_control_c()
            status = command.end(ends)
            missing += [pattern for pattern in after if not re.search(pattern, command.text, re.MULTILINE)]
            reason = f"does not show {missing[0]!r}" if missing else ""
            if status is None:
                reason = reason or f"goes on {ends} s after Ctrl-C"
            elif status not in (code if isinstance(code, tuple) else (code,)):
                reason = reason or f"exit {status} after Ctrl-C, not {code}"
            self._row(printed, typed, time.monotonic() - seconds, f"{reason}\n{command.text}" if reason else "")

    def checks(self, what, condition, seen=""):
        """A row for what is no command: a page in the browser, an entry of a table."""
        self._row(what, what, time.monotonic(), "" if condition else f"not so: {seen}")

    def _row(self, printed, typed, started, reason):
        seconds = time.monotonic() - started
        self.rows.append(Row(printed, not reason, seconds, reason))
        self.say(f"{'FAIL' if reason else 'pass'} {seconds:7.2f} s  {self.name} [{self.client.name}] $ {typed}")
        if reason:
            self.say("    " + reason[-3000:].replace("\n", "\n    "))


def _filled(printed, fill):
    for placeholder, value in (fill or {}).items():
        printed = printed.replace(placeholder, value)
    return printed


def _reason(status, code, text, shows, hides):
    """Why a command is not what was expected of it; empty when it is."""
    if status is None:
        return f"did not end in time\n{text}"
    if code is not None and status != code:
        return f"exit {status}, not {code}\n{text}"
    for pattern in shows:
        if not re.search(pattern, text, re.MULTILINE):
            return f"does not show {pattern!r}\n{text}"
    for pattern in hides:
        if re.search(pattern, text, re.MULTILINE):
            return f"shows {pattern!r}\n{text}"
    return ""
