"""skiff-runtime beside crun and runc: the same bundle, in turn, in one run; as root.

Usage: runtimes.py [--rounds N]

Times are wall times of whole processes from outside; processor time is that of the process and of all that it waited for,
which a busy machine disturbs less. Memory is the peak of the runtime's process that waits for its container
(VmHWM). Instructions are those of user space in the process that was called, by valgrind's callgrind where it is installed.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Root"))

from shim import busybox_layer  # noqa: E402

OURS = str(HERE.parents[1] / ".build/release/skiff-runtime")


class Bench:
    def __init__(self, rounds):
        self.rounds = rounds
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="skiff-bench-"))
        self.runtimes = {"skiff-runtime": OURS, "crun": shutil.which("crun"), "runc": shutil.which("runc")}
        self.runtimes = {name: path for name, path in self.runtimes.items() if path}
        busybox_layer(self.directory / "rootfs")
        self.bundles = {word: self.bundle(word, command) for word, command in
                        {"true": ["/bin/true"], "sleep": ["/bin/sleep", "1000"]}.items()}

    def bundle(self, word, command):
        path = self.directory / word
        path.mkdir()
        subprocess.run([OURS, "spec", "-b", str(path)], check=True)
        config = json.loads((path / "config.json").read_text())
        # What the oldest of the three reads.
        config["ociVersion"] = "1.0.2"
        config["root"]["path"] = str(self.directory / "rootfs")
        config["process"].update(args=command, terminal=False, rlimits=[])
        (path / "config.json").write_text(json.dumps(config))
        return str(path)

    def command(self, name, *arguments):
        return [self.runtimes[name], "--root", str(self.directory / name), *arguments]

    def call(self, name, *arguments):
        """The milliseconds of processor time."""
        command = self.command(name, *arguments)
        called = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(called.pid, 0)
        called.returncode = os.waitstatus_to_exitcode(status)
        if called.returncode:
            raise subprocess.CalledProcessError(called.returncode, command)
        return (usage.ru_utime + usage.ru_stime) * 1000

    def timed(self, what):
        """Rounds of all runtimes in turn: the milliseconds of each, by the clock and of processor time."""
        times, processor = ({name: [] for name in self.runtimes} for _ in range(2))
        for turn in range(self.rounds + 1):
            for name in self.runtimes:
                start = time.perf_counter()
                used = what(name)
                if turn:
                    times[name].append((time.perf_counter() - start) * 1000)
                    processor[name].append(used)
        return times, processor

    def run_true(self):
        return self.timed(lambda name: self.call(name, "run", "-b", self.bundles["true"], f"bench-{name}"))

    def exec_true(self):
        for name in self.runtimes:
            self.call(name, "run", "-d", "-b", self.bundles["sleep"], f"bench-{name}")
        try:
            return self.timed(lambda name: self.call(name, "exec", f"bench-{name}", "/bin/true"))
        finally:
            for name in self.runtimes:
                self.call(name, "delete", "-f", f"bench-{name}")

    def peak(self, name):
        """Kilobytes, of the runtime in the foreground while its container sleeps."""
        running = subprocess.Popen(self.command(name, "run", "-b", self.bundles["sleep"], f"bench-{name}"),
                                   stdin=subprocess.DEVNULL)
        time.sleep(1)
        lines = pathlib.Path(f"/proc/{running.pid}/status").read_text().splitlines()
        self.call(name, "kill", f"bench-{name}", "KILL")
        running.wait()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1])

    def instructions(self, name):
        """In thousands, of `state`: the whole of it runs in the process that is called."""
        self.call(name, "run", "-d", "-b", self.bundles["sleep"], f"bench-{name}")
        program = self.directory / f"stripped-{name}"
        subprocess.run(["objcopy", "--strip-debug", self.runtimes[name], program], check=True)
        done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", str(program), "--root",
                               str(self.directory / name), "state", f"bench-{name}"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.call(name, "delete", "-f", f"bench-{name}")
        counts = [line.split()[-1] for line in done.stderr.decode().splitlines() if "Collected" in line]
        return int(counts[0]) // 1000 if counts else None

    def close(self):
        shutil.rmtree(self.directory)


def row(title, times):
    cells = [f"{statistics.median(values):.1f} [{min(values):.1f}-{max(values):.1f}]" for values in times.values()]
    ours, theirs = times["skiff-runtime"], times.get("crun")
    ratio = f"{statistics.median(ours) / statistics.median(theirs):.2f}" if theirs else "-"
    print(f"| {title}, ms | {' | '.join(cells)} | {ratio} |")


def leave_hybrid_cgroups():
    """crun 1.8 refuses a version 2 hierarchy with controllers beside version 1: all three are measured without it."""
    if os.path.ismount("/sys/fs/cgroup/unified"):
        again = 'umount /sys/fs/cgroup/unified; exec "$@"'
        os.execvp("unshare", ["unshare", "-m", "--propagation", "private", "sh", "-c", again, "sh", sys.executable,
                              *sys.argv])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    if os.geteuid() != 0:
        sys.exit("runtimes.py: must run as root")
    leave_hybrid_cgroups()
    bench = Bench(rounds)
    try:
        names = list(bench.runtimes)
        print(f"| median [min-max] of {rounds} | {' | '.join(names)} | skiff-runtime / crun |")
        print("|---" * (len(names) + 2) + "|")
        for word, measure in [("run", bench.run_true), ("exec", bench.exec_true)]:
            times, processor = measure()
            row(f"`{word}` of `true`", times)
            row("… processor time", processor)
        peaks = [bench.peak(name) for name in names]
        print(f"| peak memory, KB | {' | '.join(map(str, peaks))} | |")
        if shutil.which("valgrind") and shutil.which("objcopy"):
            counts = [bench.instructions(name) for name in names]
            print(f"| thousand instructions of `state` | {' | '.join(map(str, counts))} | |")
    finally:
        bench.close()


if __name__ == "__main__":
    main()
