"""Measures skiff beside dockerd on the same machine, the two in turn, and prints a table for docs/benchmarks.md.

Needs root and Debian's docker.io. dockerd gets a network namespace, a data root and a socket of its own, and goes when this ends.
Usage: run.py [--rounds N] [NAME...]
"""

import argparse
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Root"))

from engine import SKIFF, TOP, Engine, eventually  # noqa: E402
from fixtures import busybox_tar  # noqa: E402

STEPS = "FROM busybox\n" + "COPY f /f\n" + "".join(f"RUN echo {i} > /step{i}\n" for i in range(9))


class Dockerd:
    """A reference engine in a network namespace of its own, with a way out through a veth pair."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="bench-dockerd-"))
        self.name = f"bench{os.getpid()}"
        self.host = f"unix://{self.directory}/docker.sock"

    def start(self):
        def ip(*words):
            subprocess.run(["ip", *words], check=True)
        ip("netns", "add", self.name)
        ip("link", "add", f"{self.name}h", "type", "veth", "peer", "name", "eth0", "netns", self.name)
        ip("addr", "add", "10.213.77.1/30", "dev", f"{self.name}h")
        ip("link", "set", f"{self.name}h", "up", "mtu", "1400")
        for words in (["addr", "add", "10.213.77.2/30", "dev", "eth0"], ["link", "set", "eth0", "up", "mtu", "1400"], ["link", "set", "lo", "up"],
                      ["route", "add", "default", "via", "10.213.77.1"]):
            ip("-n", self.name, *words)
        subprocess.run(["sysctl", "-qw", "net.ipv4.ip_forward=1"], check=True)
        rules = (f"add table ip {self.name}\n"
                 f"add chain ip {self.name} post {{ type nat hook postrouting priority 100; }}\n"
                 f"add rule ip {self.name} post ip saddr 10.213.77.0/30 masquerade\n")
        subprocess.run(["nft", "-f", "-"], input=rules.encode(), check=True)
        log = open(self.directory / "log", "wb")
        # nsenter --net keeps /sys as it is: `ip netns exec` would hide the cgroups.
        self.process = subprocess.Popen(
            ["nsenter", f"--net=/run/netns/{self.name}", "dockerd", "--data-root", str(self.directory / "data"), "--exec-root",
             str(self.directory / "exec"), "--pidfile", str(self.directory / "pid"), "-H", self.host, "--mtu", "1400"],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
        eventually(lambda: self.run("version", check=False).returncode == 0, 60, "an answer of dockerd")
        return self

    def run(self, *words, check=True, **options):
        environment = dict(os.environ, DOCKER_HOST=self.host, DOCKER_BUILDKIT="0", **options.pop("environment", {}))
        return subprocess.run(["docker", *words], check=check, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)

    def close(self):
        ids = self.run("ps", "-aq", check=False).stdout.decode().split()
        if ids:
            self.run("rm", "-f", "-v", *ids, check=False)
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        subprocess.run(["nft", "delete", "table", "ip", self.name])
        subprocess.run(["ip", "netns", "del", self.name])
        subprocess.run(["umount", "-R", str(self.directory / "data")], stderr=subprocess.DEVNULL)
        shutil.rmtree(self.directory, ignore_errors=True)


def timed(action):
    start = time.monotonic()
    action()
    return (time.monotonic() - start) * 1000


def row(title, rounds, ours, theirs, prepare=lambda side: None):
    """Runs the two in turn, after a warm-up of each, and prints the figures."""
    samples = ([], [])
    for round_number in range(rounds + 1):
        for side, action in enumerate((ours, theirs)):
            prepare(side)
            taken = timed(action)
            if round_number:
                samples[side].append(taken)
    def text(values):
        return f"{statistics.median(values):.0f} [{min(values):.0f}-{max(values):.0f}]"
    ratios = [b / a for a, b in zip(*samples)]
    print(f"| {title} | {text(samples[0])} | {text(samples[1])} | "
          f"{statistics.median(ratios):.1f} [{min(ratios):.1f}-{max(ratios):.1f}] |", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    wanted = lambda name: not options.names or name in options.names  # noqa: E731
    engine, peer = Engine().start(), None
    try:
        peer = Dockerd().start()
        image = busybox_tar()
        engine.run("import", "-", "busybox", input=image)
        peer.run("import", "-", "busybox", input=image)
        print("| ms, median [min-max] | skiff | dockerd | dockerd / skiff |")
        print("|---|---|---|---|")
        if wanted("run"):
            row("`run --rm busybox true`", options.rounds, lambda: engine.run("run", "--rm", "busybox", "true"),
                lambda: peer.run("run", "--rm", "busybox", "true"))
            row("`run --rm busybox true`, the docker CLI on both", options.rounds, lambda: engine.docker("run", "--rm", "busybox", "true"),
                lambda: peer.run("run", "--rm", "busybox", "true"))
            row("`run --rm --network host busybox true`", options.rounds,
                lambda: engine.run("run", "--rm", "--network", "host", "busybox", "true"),
                lambda: peer.run("run", "--rm", "--network", "host", "busybox", "true"))
        if wanted("build"):
            with tempfile.TemporaryDirectory() as directory:
                pathlib.Path(directory, "Dockerfile").write_text(STEPS)
                pathlib.Path(directory, "f").write_text("f")
                row("build of 10 steps, nothing cached", max(3, options.rounds // 3), lambda: engine.run("build", "--no-cache", "-q", directory),
                    lambda: peer.run("build", "--no-cache", "-q", directory))
                row("build of 10 steps, all cached", options.rounds, lambda: engine.run("build", "-t", "bench", directory),
                    lambda: peer.run("build", "-t", "bench", directory))
        if wanted("compose"):
            compose(engine, peer, options.rounds)
    finally:
        if peer:
            peer.close()
        engine.close()


def compose(engine, peer, rounds):
    """The visit counter: the same images on both sides, up and down by each side's own client."""
    environment = dict(os.environ, SKIFF=SKIFF, SKIFF_HOST=engine.host)
    subprocess.run([str(TOP / "images/build"), "python:3.11", "redis:alpine", "nginx:alpine"], check=True, env=environment,
                   stdout=subprocess.DEVNULL)
    program = subprocess.run([str(TOP / "scripts/fetch-compose")], check=True, stdout=subprocess.PIPE).stdout.decode().strip()
    config = pathlib.Path(engine.directory, "docker-config")
    (config / "cli-plugins").mkdir(parents=True)
    (config / "cli-plugins/docker-compose").symlink_to(program)
    project = TOP / "examples/visit-counter"
    words = ["compose", "-p", "bench", "-f", "docker-compose.yml", "-f", "demo.override.yml"]
    variables = {"DEMO_PORT": "18080", "DOCKER_CONFIG": str(config)}
    engine.run(*words, "build", cwd=project, environment=variables, timeout=900)
    saved = engine.directory / "images.tar"
    engine.run("save", "-o", str(saved), "bench-flask", "redis:alpine", "nginx:alpine", timeout=900)
    peer.run("load", "-i", str(saved))
    def up(side):
        if side == 0:
            return lambda: engine.run(*words, "up", "-d", "--no-build", cwd=project, environment=variables)
        return lambda: peer.run(*words, "up", "-d", "--no-build", cwd=project, environment=variables)
    def down(side):
        if side == 0:
            engine.run(*words, "down", "-t", "1", cwd=project, environment=variables)
        else:
            peer.run(*words, "down", "-t", "1", cwd=project, environment=variables)
    row("`compose up -d` of the visit counter (images there)", max(3, rounds // 2), up(0), up(1), prepare=down)
    up(0)()
    up(1)()
    row("`compose up -d` when all is up", max(3, rounds // 2), up(0), up(1))
    down(0)
    down(1)


if __name__ == "__main__":
    main()
