"""Many containers side by side: starting them, listing them, and what their engine costs while nothing happens."""

import concurrent.futures
import os
import pathlib
import re
import statistics
import time

from rows import clients, row, timed

COUNT = 100
SECONDS = 20
COST_HEAD = "\n| the engine's own process, {} | skiffd | dockerd |\n|---|---|---|"
PROBE = ("--health-cmd", "http://localhost:8000/", "--health-interval", "1s")


def names(kind):
    return [f"{kind}-{number}" for number in range(COUNT)]


def at_once(start, kind, *options):
    """As many clients as containers, all at the same time."""
    with concurrent.futures.ThreadPoolExecutor(COUNT) as pool:
        list(pool.map(lambda name: start("run", "-d", "--name", name, *options, "busybox", "sleep", "100000"), names(kind)))


def scale(engine, peer, rounds):
    """Prints the rows; both engines have 200 containers, half of them running, until the end of it."""
    row(f"{COUNT} times `run -d`, side by side", 1, lambda: at_once(engine.run, "side"), lambda: at_once(peer.run, "side"),
        prepare=lambda side: clear((engine, peer)[side].run, "side"))
    for start in (engine.run, peer.run):
        for name in names("made"):
            start("create", "--name", name, "busybox", "true")
    skiff, docker, dockerd = clients(engine, peer)
    row("`ps -a` with 200 containers", rounds, lambda: skiff("ps", "-a"), lambda: dockerd("ps", "-a"))
    row("`ps -a` with 200 containers, the docker CLI on both", rounds, lambda: docker("ps", "-a"), lambda: dockerd("ps", "-a"))
    print(COST_HEAD.format(f"{COUNT} idle containers"))
    cost((engine.process.pid, peer.process.pid))
    for start in (engine.run, peer.run):
        clear(start, "side")
        clear(start, "made")


def idle(engine, peer):
    print(COST_HEAD.format("no container"))
    cost((engine.process.pid, peer.process.pid))


def probes(engine):
    """What a hundred probes a second cost beside skiffd, which has no part in them."""
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda name: engine.run("run", "-d", "--name", name, *PROBE, "busybox", "httpd", "-f", "-p", "8000", "-h", "/www"),
                      names("probed")))
    time.sleep(3)
    shims = {pid for pid in pids() if str(engine.directory).encode() in cmdline(pid) and b"skiff-shim" in cmdline(pid).split(b"\0")[0]}
    used = shares([engine.process.pid, *shims])
    print(f"\n{COUNT} containers with an http probe each second: skiffd {used[0]:.2f} %, all {len(shims)} shims {sum(used[1:]):.2f} % of a core,"
          f" {statistics.median(map(size, shims)):.0f} kB (PSS) each", flush=True)
    clear(engine.run, "probed")


def cost(processes):
    time.sleep(3)
    shown = [f"{value:.3f} %" for value in shares(processes)]
    print(f"| share of a core, over {SECONDS} s | {' | '.join(shown)} |")
    print(f"| MB of memory (PSS) | {' | '.join(f'{size(pid) / 1024:.1f}' for pid in processes)} |", flush=True)


def shares(processes):
    """Per cent of a core that each has used while nothing was asked of it."""
    before = [ticks(pid) for pid in processes]
    taken = timed(lambda: time.sleep(SECONDS))
    return [(ticks(pid) - start) / taken * 1e-4 for pid, start in zip(processes, before)]


def ticks(pid):
    """Nanoseconds on a CPU of all threads: finer than the hundredths of a second in stat."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
    return total


def size(pid):
    return int(re.search(r"^Pss: +(\d+)", pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M).group(1))


def pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def cmdline(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def clear(run, kind):
    run("rm", "-f", "-v", *names(kind), check=False)
