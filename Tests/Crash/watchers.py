"""Who watches busy containers from outside while their engine is killed and started again."""

import http.client
import re
import socket
import subprocess
import threading
import time


class Watcher(threading.Thread):
    """Does one thing over and over until it is stopped; what goes wrong is noted, with the moment."""

    pause = 0.01

    def __init__(self):
        super().__init__(daemon=True)
        self.stopped = threading.Event()
        self.failures = []
        self.done = 0
        self.slowest = 0.0

    def run(self):
        while not self.stopped.is_set():
            begin = time.monotonic()
            try:
                self.once()
                self.done += 1
            except Exception as error:  # whatever it is, the user would have seen it
                self.failures.append((begin, f"{self.name}: {type(error).__name__}: {error}"))
                self.recover()
            self.slowest = max(self.slowest, time.monotonic() - begin)
            self.stopped.wait(self.pause)

    def recover(self):
        """What stands is made anew after a failure."""

    def finish(self):
        self.stopped.set()
        self.join(30)


class Requests(Watcher):
    """One HTTP request after the other, each over a connection of its own."""

    def __init__(self, address, port):
        super().__init__()
        self.name = f"request to {address}:{port}"
        self.address, self.port = address, port

    def once(self):
        connection = http.client.HTTPConnection(self.address, self.port, timeout=10)
        try:
            connection.request("GET", "/")
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200 or body != b"hello from busybox\n":
                raise AssertionError(f"{answer.status} {body[:80]!r}")
        finally:
            connection.close()


class Stream(Watcher):
    """One connection that stays, on which every line must come back."""

    pause = 0.02

    def __init__(self, port):
        super().__init__()
        self.name = f"connection to port {port}"
        self.port, self.connections, self.buffer = port, 0, b""
        self.recover()

    def recover(self):
        self.socket = socket.create_connection(("127.0.0.1", self.port), 10)
        self.connections += 1

    def once(self):
        line = b"%d\n" % self.done
        self.socket.sendall(line)
        answer = b""
        while not answer.endswith(b"\n"):
            some = self.socket.recv(100)
            if not some:
                raise AssertionError("closed")
            answer += some
        if answer != line:
            raise AssertionError(f"{answer!r} in place of {line!r}")


class Execs(Watcher):
    """`exec` of a command that ends with 9: never 0, and 9 unless the engine died meanwhile."""

    pause = 0.05

    def __init__(self, engine, container, outages):
        super().__init__()
        self.name = "exec"
        self.engine, self.container, self.outages = engine, container, outages
        self.number, self.interrupted = 0, 0

    def once(self):
        self.number += 1
        begin = time.monotonic()
        command = f"echo {self.number} >> /begun; sleep 0.1; echo {self.number} >> /ended; echo out {self.number}; exit 9"
        result = self.engine.run("exec", self.container, "sh", "-c", command, check=False, timeout=60)
        if result.code == 9 and result.out == f"out {self.number}\n":
            return
        if result.code != 0 and self.outages.meet(begin, time.monotonic()):
            self.interrupted += 1
            return
        raise AssertionError(str(result))


class Outages:
    """When the engine was away: from the kill until it answers again."""

    def __init__(self):
        self.spans = []

    def begin(self):
        self.spans.append([time.monotonic(), None])

    def end(self):
        self.spans[-1][1] = time.monotonic()

    def meet(self, begin, end):
        return any(start <= end and (stop is None or stop >= begin) for start, stop in self.spans)


class Follower:
    """`logs -f`: what it shows until the engine dies goes on after it, without a gap or a line twice."""

    def __init__(self, engine, container):
        self.engine, self.container = engine, container
        self.process = engine.begin("logs", "-f", "-t", "--tail", "50", container, stderr=subprocess.DEVNULL)

    def finish(self):
        """The lines it has shown once the engine has died."""
        self.lines = self.process.communicate(timeout=30)[0].decode().splitlines()
        return self

    def continuation(self):
        """The numbers that it showed, and those the engine shows from its last line on."""
        if not self.lines:
            return [], []
        since = self.lines[-1].split(" ")[0]
        # Of a log that grows through all rounds only its end is looked through; the whole is read after the last.
        rest = self.engine.run("logs", "-t", "--tail", "30000", "--since", since, self.container).out.splitlines()
        last = number(self.lines[-1])
        return [number(line) for line in self.lines], [n for n in map(number, rest) if n > last]


def number(line):
    found = re.search(r"line (\d+)$", line)
    return int(found.group(1)) if found else -1


def gap(numbers):
    """The first place at which numbers do not follow each other; None where all do."""
    for before, after in zip(numbers, numbers[1:]):
        if after != before + 1:
            return before, after
    return None
