"""Whether skiffd's memory stays level over many equal rounds; prints a table for docs/conformance.md.

Usage: growth.py [--rounds N] [--every N] [compose|build|buildkit|run|pull...]; all by default. Needs root. What lives on the heap is asked
for where gdb is there.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Root"))

from engine import Engine, docker_config  # noqa: E402
from fixtures import busybox_tar  # noqa: E402
from registry import Registry  # noqa: E402

HEAD = "| rounds of {} | kB live on the heap | kB of memory of its own | descriptors | threads |\n|---|---|---|---|---|"
# A build that has ended can be asked about for five seconds more; what is free goes back to the kernel after two in which nothing happens.
IDLE = 8
PROJECT = """services:
  one: {image: busybox, command: [sleep, "1000"], networks: [inside], volumes: ["kept:/kept"]}
  two: {image: busybox, command: [sleep, "1000"], networks: [inside], depends_on: [one]}
  three: {image: busybox, command: [sleep, "1000"], networks: [inside]}
networks: {inside: {}}
volumes: {kept: {}}
"""
STEPS = 'FROM busybox\nCOPY changing /changing\nRUN cat /changing >/copy\nCMD ["true"]\n'


def compose(engine, directory):
    (directory / "compose.yaml").write_text(PROJECT)

    def go(_):
        engine.run("compose", "up", "-d", cwd=directory)
        engine.run("compose", "down", "-t", "0", "-v", cwd=directory)
    return go


def build(engine, directory, client=None):
    """Two steps that no round before has done; image and cache are removed again."""
    (directory / "Dockerfile").write_text(STEPS)

    def go(number):
        (directory / "changing").write_text(f"round {number}\n")
        (client or (lambda: engine.run("build", "-t", "built", ".", cwd=directory)))()
        engine.run("rmi", "built")
        engine.run("builder", "prune", "-af")
    return go


def buildkit(engine, directory):
    """The same by the BuildKit client in Docker Compose."""
    config = docker_config(engine.directory)
    (directory / "compose.yaml").write_text("services: {it: {build: ., image: built}}\n")
    variables = {**engine.variables(), "DOCKER_BUILDKIT": "1", "COMPOSE_BAKE": "false", "DOCKER_CONFIG": config}
    words = [f"{config}/cli-plugins/docker-compose", "build", "-q"]
    return build(engine, directory, lambda: subprocess.run(words, cwd=directory, env=variables, check=True, timeout=60,
                                                           stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL))


def run(engine, _):
    return lambda _: engine.run("run", "--rm", "busybox", "true")


def pull(engine, _):
    name = f"{Registry(layers=3).host}/small:latest"

    def go(_):
        engine.run("pull", name)
        engine.run("rmi", name)
    return go


def live(engine):
    """Kilobytes that malloc has given out, as malloc_stats(3) writes them to the engine's log; `?` without gdb."""
    if not shutil.which("gdb"):
        return "?"
    log = engine.directory / "skiffd.log"
    before = log.stat().st_size
    subprocess.run(["gdb", "-nx", "-batch", "-p", str(engine.process.pid), "-ex", "call (void)malloc_stats()", "-ex", "detach"],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, timeout=120)
    found = re.findall(r"in use bytes += +(\d+)", log.read_bytes()[before:].decode(errors="replace"))
    return int(found[-1]) // 1024 if found else "?"


def note(engine, number):
    time.sleep(IDLE)
    process = pathlib.Path(f"/proc/{engine.process.pid}")
    own = re.search(r"^Anonymous: +(\d+)", (process / "smaps_rollup").read_text(), re.M).group(1)
    counts = [len(os.listdir(process / name)) for name in ("fd", "task")]
    print(f"| {number} | {live(engine)} | {own} | {counts[0]} | {counts[1]} |", flush=True)


def main():
    kinds = {"compose": compose, "build": build, "buildkit": buildkit, "run": run, "pull": pull}
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--every", type=int, default=50)
    parser.add_argument("kinds", nargs="*")
    options = parser.parse_args()
    if unknown := set(options.kinds) - set(kinds):
        parser.error(f"no such rounds: {' '.join(sorted(unknown))} (there are: {', '.join(kinds)})")
    for kind in options.kinds or kinds:
        engine = Engine().start()
        try:
            engine.run("import", "-", "busybox", input=busybox_tar())
            print(f"\n{HEAD.format(kind)}", flush=True)
            with tempfile.TemporaryDirectory() as directory:
                go = kinds[kind](engine, pathlib.Path(directory))
                for number in range(1, options.rounds + 1):
                    go(number)
                    if number == 1 or number % options.every == 0:
                        note(engine, number)
        finally:
            engine.close()


if __name__ == "__main__":
    main()
