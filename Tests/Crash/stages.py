"""Every command broken off at every stage: its engine, its client or a shim is killed, or the engine stopped; then the same
command again, and a look at what is left.

Usage: stages.py [POINTS] [--only NAME,...] [--ways engine,client,shim,term,stop] [--seed N]: ends with 1 if anything was amiss.
Runs best in a network namespace of its own: unshare -n sh -c 'ip link set lo up; exec python3 Tests/Crash/stages.py'.
"""

import argparse
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "Root")]

from engine import Engine, eventually  # noqa: E402
from fixtures import busybox_tar  # noqa: E402
from test_networks import free_port  # noqa: E402

WAYS = ("engine", "client", "shim", "term", "stop")
COMPOSE = """services:
  a: {image: busybox, command: sleep 1000, init: true, volumes: [data:/d]}
  b: {image: busybox, command: sleep 1000, init: true, depends_on: [a]}
volumes: {data: {}}
"""
# What the same command may say the second time, because the first time did its work or the shim's death ended the container.
DONE = {
    "create": "already in use", "run": "already in use", "run --rm": "already in use", "kill": "not running", "pause": "already paused",
    "rm": "o such", "rename": "No such container: xx", "rmi": "o such", "network create": "already exists", "network rm": "not found",
    "connect": "already", "disconnect": "not connected", "volume rm": "o such"}
RUNNING = ("exec", "kill", "pause", "update", "connect", "disconnect")


def shell(command):
    return set(subprocess.run(command, shell=True, stdout=subprocess.PIPE).stdout.decode().splitlines())


class Stages:
    def __init__(self, points, ways, seed):
        self.points, self.ways, self.random = points, ways, random.Random(seed)
        self.amiss, self.count = [], 0
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="skiff-stages-"))
        self.port = free_port()
        self.registry = self.start_registry()
        self.engine = Engine().start()
        self.run = self.engine.run
        self.write_files()
        self.commands = self.all_commands()

    # What is worked with.

    def start_registry(self):
        """Debian's docker-registry on loopback."""
        self.host = f"localhost:{free_port()}"
        settings = self.place / "registry.yml"
        settings.write_text(f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {self.place}/registry}}}}\n"
                            f"http: {{addr: '{self.host}'}}\n")
        environment = dict(os.environ, OTEL_TRACES_EXPORTER="none")
        return subprocess.Popen(["docker-registry", "serve", str(settings)], env=environment, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    def write_files(self):
        """An image of one layer, one of two large layers here and in the registry, a project."""
        self.run("import", "-", "busybox", input=busybox_tar())
        (self.place / "root.tar").write_bytes(busybox_tar())
        for name, text in {"small": "FROM busybox\nCOPY f /f\nRUN echo a > /x && sleep 0.1\nRUN cat /x\n",
                           "large": "FROM busybox\nCOPY f /f\nCOPY g /g\n"}.items():
            directory = self.place / name
            directory.mkdir()
            (directory / "Dockerfile").write_text(text)
            for file in "fg":
                (directory / file).write_bytes(os.urandom(8_000_000 if name == "large" else 3_000_000))
        (self.place / "compose.yaml").write_text(COMPOSE)
        self.run("build", "-q", "-t", "large", str(self.place / "large"))
        self.run("save", "-o", str(self.place / "large.tar"), "large")
        self.run("tag", "large", f"{self.host}/pulled:t")
        self.run("push", f"{self.host}/pulled:t")

    def container(self, *command):
        self.run(*command, "--name", "xx", "--init", "-p", f"127.0.0.1:{self.port}:80", "-v", "vx:/v", "busybox", "sleep", "1000")

    def all_commands(self):
        """By name: what goes before, and the words."""
        place, project = str(self.place), ("compose", "-p", "pp", "-f", str(self.place / "compose.yaml"))
        container = ("--name", "xx", "--init", "-p", f"127.0.0.1:{self.port}:80", "-v", "vx:/v", "busybox", "sleep")
        up = lambda: self.container("run", "-d")  # noqa: E731
        network = lambda: (up(), self.run("network", "create", "n1"))  # noqa: E731
        return {
            "create": (None, ("create", *container, "1000")), "run": (None, ("run", "-d", *container, "1000")),
            "run --rm": (None, ("run", "--rm", *container, "0.1")), "start": (lambda: self.container("create"), ("start", "xx")),
            "stop": (up, ("stop", "xx")), "kill": (up, ("kill", "xx")), "restart": (up, ("restart", "-t", "1", "xx")),
            "pause": (up, ("pause", "xx")), "rm": (up, ("rm", "-f", "xx")),
            "exec": (up, ("exec", "xx", "sh", "-c", "echo a; sleep 0.05; echo b")), "rename": (up, ("rename", "xx", "yy")),
            "update": (up, ("update", "-m", "64m", "--memory-swap", "128m", "xx")),
            "cp in": (up, ("cp", f"{place}/small/f", "xx:/big")), "cp out": (up, ("cp", "xx:/bin", f"{place}/out")),
            "commit": (up, ("commit", "xx", "committed")), "export": (up, ("export", "-o", f"{place}/out.tar", "xx")),
            "build": (None, ("build", "--no-cache", "-q", "-t", "built", f"{place}/small")),
            "push": (self.fresh_tag, ("push", f"{self.host}/pushed:t")), "pull": (self.forget_large, ("pull", f"{self.host}/pulled:t")),
            "load": (self.forget_large, ("load", "-i", f"{place}/large.tar")), "import": (None, ("import", f"{place}/root.tar", "imported")),
            "save": (None, ("save", "-o", f"{place}/saved.tar", "busybox")),
            "rmi": (lambda: self.run("build", "-q", "-t", "built", f"{place}/small"), ("rmi", "built")),
            "network create": (None, ("network", "create", "n1")),
            "network rm": (lambda: self.run("network", "create", "n1"), ("network", "rm", "n1")),
            "connect": (network, ("network", "connect", "n1", "xx")),
            "disconnect": (lambda: (network(), self.run("network", "connect", "n1", "xx")), ("network", "disconnect", "n1", "xx")),
            "volume create": (None, ("volume", "create", "v1")),
            "volume rm": (lambda: self.run("volume", "create", "v1"), ("volume", "rm", "v1")),
            "compose up": (None, (*project, "up", "-d")),
            "compose down": (lambda: self.run(*project, "up", "-d"), (*project, "down", "-v", "-t", "1")),
            "prune": (lambda: (network(), self.run("volume", "create", "v1")), ("system", "prune", "-af", "--volumes", "--filter", "label!=keep"))}

    def forget_large(self):
        self.run("rmi", "-f", "large", f"{self.host}/pulled:t", check=False)

    def fresh_tag(self):
        """The registry gets the layers anew."""
        shutil.rmtree(self.place / "registry/docker/registry/v2/repositories/pushed", ignore_errors=True)
        if "large" not in self.run("images", "--format", "{{.Repository}}").out.split():
            self.run("load", "-i", str(self.place / "large.tar"))
        self.run("tag", "large", f"{self.host}/pushed:t")

    # What is left.

    def tidy(self):
        # What a command that was broken off still removes is removed in a moment.
        gone = lambda: self.run("rm", "-f", "-v", *ids, check=False).code == 0  # noqa: E731
        while ids := self.run("ps", "-aq").out.split():
            eventually(gone, 10, "the containers' removal")
        self.run("network", "prune", "-f")
        self.run("volume", "prune", "-af")
        names = self.run("images", "--format", "{{.Repository}}:{{.Tag}}").out.split()
        others = [name for name in names if name != "busybox:latest"]
        if others:
            self.run("rmi", "-f", *others, check=False)
        self.run("image", "prune", "-f")
        self.run("builder", "prune", "-af")
        shutil.rmtree(self.place / "out", ignore_errors=True)

    def shims(self):
        found = {}
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if words.startswith(b"skiff-shim\0") and str(self.engine.directory).encode() in words:
                found[int(entry.name)] = words
        return found

    def state(self):
        top = self.engine.directory
        mounts = {line.split()[4] for line in open("/proc/self/mountinfo") if str(top) in line}
        return {
            "file": shell(f"cd {top} && find data exec -xdev -maxdepth 3 -not -path 'data/previous-logs*' -not -path '*/containers/*'"),
            "mount": mounts, "shim": set(self.shims().values()),
            "cgroup": shell(f"find /sys/fs/cgroup -type d -path '*{self.mark}/*' | grep -E '[0-9a-f]{{64}}'"),
            "rule": shell(f"nft list ruleset | grep -w {self.port}"), "port": shell(f"ss -ltnH 'sport = :{self.port}'")}

    def note(self, *words):
        self.amiss.append(words)
        print("!!", *words, flush=True)

    # A command.

    def go(self, only):
        self.container("run", "-d")
        groups = open(f"/proc/{self.engine.inspect('xx')[0]['State']['Pid']}/cgroup").read()
        self.mark = next(word for word in groups.replace("\n", "/").split("/") if word.startswith("skiff-"))
        self.tidy()
        base = self.state()
        for name, (before, words) in self.commands.items():
            if only and name not in only:
                continue
            took = self.measure(name, before, words)
            for way in self.ways:
                for point in range(self.points):
                    base = self.disturb(name, before, words, way, took * 1.15 * (point + self.random.random()) / self.points, base)
            print(f"{name}: {took * 1000:.0f} ms", flush=True)
        print(f"{self.count} commands broken off, {len(self.amiss)} amiss")

    def measure(self, name, before, words):
        if before:
            before()
        begin = time.monotonic()
        result = self.run(*words, check=False)
        took = time.monotonic() - begin
        if result.code:
            self.note(name, "fails undisturbed", result.err[-300:])
        self.tidy()
        return took

    def disturb(self, name, before, words, way, delay, base):
        if before:
            before()
        label = f"{name}, {way} after {delay * 1000:.1f} ms:"
        self.count += 1
        client = self.engine.begin(*words)
        time.sleep(delay)
        self.strike(way, client)
        try:
            client.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self.note(label, "the client hangs")
            client.kill()
            client.communicate()
        if way in ("engine", "term"):
            self.engine.process.wait(20)
            self.engine.start()
        self.again(name, way, words, label)
        self.tidy()
        left = self.left(base)
        if left:
            # What ends by itself has time for it.
            time.sleep(2)
            left = self.left(base)
        if left:
            self.note(label, "left:", left)
            return self.state()
        return base

    def left(self, base):
        now = self.state()
        return {kind: sorted(now[kind] - base[kind])[:5] for kind in base if now[kind] - base[kind]}

    def strike(self, way, client):
        if way == "engine":
            self.engine.kill()
        elif way == "client":
            client.kill()
        elif way == "term":
            self.engine.process.send_signal(signal.SIGTERM)
        elif way == "stop":
            self.engine.process.send_signal(signal.SIGSTOP)
            time.sleep(0.3)
            self.engine.process.send_signal(signal.SIGCONT)
        else:
            for pid in self.shims():
                os.kill(pid, signal.SIGKILL)

    def again(self, name, way, words, label):
        result = self.run(*words, check=False, timeout=60)
        if result.code and way == "shim":
            # The end of a killed shim's container may not have been noted yet.
            eventually(lambda: "true" not in self.run("inspect", "-f", "{{.State.Running}}", "xx", check=False).out, 10, "word of the end")
            result = self.run(*words, check=False, timeout=60)
        said = result.err + result.out
        if "removal of container xx is already in progress" in said:
            return
        if result.code and not (DONE.get(name, "\0") in said or way == "shim" and name in RUNNING and "not running" in said):
            self.note(label, "again:", said[-300:])
        if name in ("create", "run", "run --rm") and "already in use" in said:
            starts = lambda: self.run("start", "xx", check=False).code == 0 or not self.run("ps", "-aq").out  # noqa: E731
            try:
                eventually(starts, 5, "the start or the removal")
            except AssertionError:
                self.note(label, "cannot be started:", self.run("start", "xx", check=False).err)

    def close(self):
        self.engine.close()
        self.registry.kill()
        self.registry.wait()
        shutil.rmtree(self.place)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("points", nargs="?", type=int, default=5)
    options.add_argument("--only", default="")
    options.add_argument("--ways", default=",".join(WAYS))
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    stages = Stages(chosen.points, chosen.ways.split(","), chosen.seed)
    try:
        stages.go([name for name in chosen.only.split(",") if name])
    finally:
        stages.close()
    sys.exit(1 if stages.amiss else 0)


if __name__ == "__main__":
    main()
