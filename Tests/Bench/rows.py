"""Rows of a table: wall times of the two engines, in turn, in one run."""

import os
import shutil
import statistics
import time

from engine import SKIFF

HEAD = "| ms, median [min-max] | skiff | dockerd | dockerd / skiff |\n|---|---|---|---|"


NOTHING = [(os.POSIX_SPAWN_OPEN, number, "/dev/null", os.O_RDWR, 0) for number in range(3)]


def bare(program, environment):
    """A way to run the program with nothing read or kept of what it says: milliseconds of this script's own do not count."""
    def run(*words):
        child = os.posix_spawn(program, [program, *words], environment, file_actions=NOTHING)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert code == 0, f"{program} {' '.join(words)}: exit {code}"
    return run


def clients(engine, peer):
    """skiff on its engine, the docker CLI on it, and the docker CLI on dockerd."""
    docker = shutil.which("docker")
    return (bare(str(SKIFF), engine.variables()), bare(docker, engine.variables()),
            bare(docker, dict(os.environ, DOCKER_HOST=peer.host)))


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
