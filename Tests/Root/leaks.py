"""What the engine may leave on a machine, and a check that nothing of it is left."""

import os
import pathlib
import subprocess


def _lines(command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode().splitlines()


def snapshot():
    """Mounts, links, cgroups, firewall tables and processes that could be ours."""
    mounts = {line.split()[4] for line in open("/proc/self/mountinfo") if "skiff" in line}
    links = {line.split(":")[1].strip().split("@")[0] for line in _lines(["ip", "-o", "link"])}
    tables = {line for line in _lines(["nft", "list", "tables"])}
    cgroups = set()
    for root, directories, _ in os.walk("/sys/fs/cgroup"):
        cgroups.update(os.path.join(root, name) for name in directories if "skiff" in os.path.join(root, name))
    processes = set()
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                name = (entry / "comm").read_text().strip()
            except OSError:
                continue
            if name.startswith("skiff"):
                processes.add(f"{entry.name} {name}")
    return {"mount": mounts, "link": links, "table": tables, "cgroup": cgroups, "process": processes}


def compare(before, after):
    """What is there now and was not before, a line each."""
    return [f"{kind} {item}" for kind in before for item in sorted(after[kind] - before[kind])]
