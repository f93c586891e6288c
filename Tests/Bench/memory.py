"""What stands beside an idle container: proportional set sizes of shims, many of them side by side."""

import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import tempfile
import time

from engine import eventually
from fixtures import busybox_tar

COUNT = 20
MEMORY_HEAD = "| kB of memory (PSS) beside an idle container, 20 side by side | median [min-max] |\n|---|---|"


def memory(engine, peer):
    """Prints a row for each kind of shim: ours and dockerd's over their engines, conmon over runc by itself."""
    # A shim has done what its container's beginning asks of it once this time is over.
    settle = 2
    for title, start, name, under in (("skiff-shim", engine.run, "skiff-shim", engine.directory),
                                      ("containerd-shim-runc-v2 (dockerd)", peer.run, "containerd-shim", peer.directory)):
        names = [f"idle-{number}" for number in range(COUNT)]
        for each in names:
            start("run", "-d", "--name", each, "busybox", "sleep", "100000")
        time.sleep(settle)
        report(title, sizes(name, under))
        start("rm", "-f", *names)
    if all(shutil.which(program) for program in ("conmon", "runc")):
        with Conmons() as conmons:
            time.sleep(settle)
            report("conmon", sizes("conmon", conmons.directory))


def report(title, kilobytes):
    assert len(kilobytes) == COUNT, f"{title}: {len(kilobytes)} in place of {COUNT}"
    print(f"| {title} | {statistics.median(kilobytes):.0f} [{min(kilobytes)}-{max(kilobytes)}] |", flush=True)


def sizes(name, under):
    """The sizes of the processes of this name whose words name this directory."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes() if entry.name.isdigit() else b""
            if name.encode() in words.split(b"\0")[0] and os.fsencode(under) in words:
                found.append(int(re.search(r"^Pss: +(\d+)", (entry / "smaps_rollup").read_text(), re.M).group(1)))
        except OSError:
            continue
    return found


class Conmons:
    """As many conmons, each with a container of runc's."""

    def __enter__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="bench-conmon-"))
        root = self.directory / "rootfs"
        root.mkdir()
        subprocess.run(["tar", "-x", "-C", str(root)], input=busybox_tar(), check=True)
        self.ids = [f"bench-conmon-{os.getpid()}-{number}" for number in range(COUNT)]
        for each in self.ids:
            bundle = self.directory / each
            bundle.mkdir()
            subprocess.run(["runc", "spec"], cwd=bundle, check=True)
            config = json.loads((bundle / "config.json").read_text())
            config["process"].update(args=["sleep", "100000"], terminal=False)
            config["root"] = {"path": str(root), "readonly": True}
            (bundle / "config.json").write_text(json.dumps(config))
            subprocess.run(["conmon", "--api-version", "1", "-c", each, "-u", each, "-n", each, "-r", shutil.which("runc"), "-b", str(bundle),
                            "-p", str(bundle / "pid"), "-P", str(bundle / "conmon.pid"), "-l", f"k8s-file:{bundle / 'log'}",
                            "--exit-dir", str(self.directory), "--socket-dir-path", str(bundle)],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, timeout=30)
            eventually((bundle / "pid").exists, 20, "conmon's container")
            eventually(lambda each=each: subprocess.run(["runc", "start", each], stderr=subprocess.DEVNULL).returncode == 0, 20, "its start")
        return self

    def __exit__(self, *_):
        for each in self.ids:
            subprocess.run(["runc", "delete", "--force", each], stderr=subprocess.DEVNULL)
            try:
                os.kill(int((self.directory / each / "conmon.pid").read_text()), signal.SIGTERM)
            except (OSError, ValueError):
                pass  # it has ended with its container
        shutil.rmtree(self.directory, ignore_errors=True)
