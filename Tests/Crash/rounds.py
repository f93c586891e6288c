"""Containers at work while their engine is killed with -9 at random moments and started again.

Usage: rounds.py [ROUNDS] [--seed N]: prints what was lost, and ends with 1 if anything was.
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "Root")]

from engine import Engine, eventually  # noqa: E402
from fixtures import busybox_tar  # noqa: E402
from test_networks import free_port  # noqa: E402
from watchers import Execs, Follower, Outages, Requests, Stream, gap, number  # noqa: E402

LINES = "i=0; while :; do n=0; while [ $n -lt 50 ]; do i=$((i+1)); n=$((n+1)); echo \"line $i\"; done; sleep 0.1; done"
ASK = ("i=0; while :; do i=$((i+1)); "
       "nslookup web 127.0.0.11 | grep -q ^Name && echo \"line $i\" || echo \"lost name $i\"; "
       "wget -q -O - http://web/ | grep -q hello || echo \"lost page $i\"; sleep 0.02; done")
PROBE = "read n < /probes; n=$((n+1)); echo $n > /probes; echo probe $n; test ! -e /sick"


class Rounds:
    """One engine, the containers that work through all rounds, and those of each round."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.lost = []
        self.outages = Outages()
        self.engine = Engine().start()
        self.watchers = []
        self.counts = {"interrupted": 0}
        try:
            self.engine.run("import", "-", "busybox", input=busybox_tar())
            self.begin()
        except BaseException:
            self.engine.close()
            raise

    # The containers that work all the time.

    def begin(self):
        port, echo = free_port(), free_port()
        run = self.engine.run
        run("network", "create", "crash")
        start = ["run", "-d", "--network", "crash", "--name"]
        run(*start, "web", "-p", f"{port}:80", "busybox", "httpd", "-f", "-h", "/www")
        run(*start, "echo", "-p", f"{echo}:7", "busybox", "nc", "-ll", "-p", "7", "-e", "cat")
        run(*start, "client", "busybox", "sh", "-c", ASK)
        run("run", "-d", "--name", "lines", "busybox", "sh", "-c", LINES)
        run("run", "-d", "--name", "turning", "--log-opt", "max-size=64k", "--log-opt", "max-file=3", "busybox", "sh", "-c", LINES)
        run("run", "-d", "--name", "busy", "busybox", "sleep", "100000")
        run("run", "-d", "--name", "probed", "--health-cmd", PROBE, "--health-interval", "200ms", "--health-retries", "2",
            "busybox", "sh", "-c", "echo 0 > /probes; sleep 100000")
        self.probed = self.engine.inspect("probed")[0]["State"]["Pid"]
        address = next(iter(self.engine.inspect("web")[0]["NetworkSettings"]["Networks"].values()))
        eventually(lambda: "line" in run("logs", "client").out, 20, "the first answer by name")
        self.watchers = [Requests("127.0.0.1", port), Requests(address["Gateway"], port), Requests(address["IPAddress"], 80),
                         Stream(echo), Execs(self.engine, "busy", self.outages)]
        for watcher in self.watchers:
            watcher.start()

    # One round.

    def round(self, index):
        brief, code = f"brief-{index}", self.random.randrange(1, 126)
        duration = self.random.uniform(0.0, 1.5)
        run = self.engine.run
        run("run", "-d", "--name", brief, "busybox", "sh", "-c", f"echo first; sleep {duration:.3f}; echo last words {index}; exit {code}")
        run("run", "-d", "--name", f"stubborn-{index}", "--restart", "on-failure:3", "busybox", "sh", "-c",
            "echo run >> /runs; echo run; sleep 0.1; exit 3")
        run("run", "-d", "--name", f"stopped-{index}", "--restart", "unless-stopped", "busybox", "sh", "-c",
            "trap 'sleep 0.2; echo stopped; exit 5' TERM; echo up; while :; do sleep 0.05; done")
        sick = index % 2 == 0
        follower = Follower(self.engine, "lines")
        time.sleep(self.random.uniform(0.0, 0.3))
        commands = [
            ("rm", self.engine.begin("run", "--rm", "--name", f"rm-{index}", "busybox", "sh", "-c", "echo out; sleep 0.3; exit 3")),
            ("detached", self.engine.begin("run", "-d", "--name", f"detached-{index}", "busybox", "sleep", "100000")),
            ("stop", self.engine.begin("stop", "-t", "5", f"stopped-{index}"))]
        time.sleep(self.random.uniform(0.0, 0.25))
        self.crash(sick)
        follower.finish()
        self.check_commands(index, commands)
        self.check_lines(follower)
        self.check_brief(brief, index, code)
        self.check_stubborn(f"stubborn-{index}")
        self.check_health(sick)
        self.check_stopped(f"stopped-{index}")
        self.check_detached(f"detached-{index}")
        self.check_execs()
        names = [f"{kind}-{index}" for kind in ("brief", "stubborn", "stopped", "detached")]
        run("rm", "-f", *names, check=False)
        self.check_accounts()

    def crash(self, sick):
        self.outages.begin()
        self.engine.kill()
        # What a probe sees from now on, it sees without the engine.
        path = pathlib.Path(f"/proc/{self.probed}/root/sick")
        path.touch() if sick else path.unlink(missing_ok=True)
        time.sleep(self.random.uniform(0.0, 1.0))
        if self.random.random() < 0.25:
            self.engine.spawn()
            time.sleep(self.random.uniform(0.0, 0.1))
            self.engine.kill()
        self.engine.start()
        self.outages.end()

    def shims(self):
        """The shims of this engine: container id to pid."""
        found = {}
        for entry in pathlib.Path("/proc").iterdir():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
            except OSError:
                continue
            if len(words) > 2 and words[0].endswith(b"skiff-shim") and words[2].startswith(os.fsencode(self.engine.directory)):
                found[pathlib.Path(os.fsdecode(words[2])).parent.name] = int(entry.name)
        return found

    # What must hold afterwards.

    def note(self, text):
        self.lost.append(text)
        print("LOST:", text, flush=True)

    def check_commands(self, index, commands):
        for name, process in commands:
            try:
                out, err = process.communicate(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                self.note(f"{name}-{index}: the command hangs")
                continue
            allowed = {"rm": 3, "detached": 0, "stop": 0}[name]
            if process.returncode == allowed:
                continue
            self.counts["interrupted"] += 1
            if process.returncode == 0:
                self.note(f"{name}-{index}: 0 in place of {allowed}: {out} {err}")
            if not err:
                self.note(f"{name}-{index}: ends with {process.returncode} and says nothing")

    def check_lines(self, follower):
        shown, rest = follower.continuation()
        if gap(shown) or (shown and gap(shown[-1:] + rest)):
            self.note(f"lines around the crash: {gap(shown)} {gap(shown[-1:] + rest)}")
        for name in ("lines", "turning"):
            numbers = [number(line) for line in self.engine.run("logs", "--tail", "2000", name).out.splitlines()]
            if len(numbers) < 50 or gap(numbers):
                self.note(f"log of {name}: {len(numbers)} lines, gap {gap(numbers)}")
        out = self.engine.run("logs", "--tail", "200", "client").out
        if "lost" in out:
            self.note("client: " + next(line for line in out.splitlines() if "lost" in line))

    def check_brief(self, name, index, code):
        out = self.engine.run("wait", name).out.strip()
        log = self.engine.run("logs", name).out
        if (out, log) != (str(code), f"first\nlast words {index}\n"):
            self.note(f"{name}: {out} in place of {code}, log {log!r}")

    def check_stubborn(self, name):
        def ended():
            state = self.engine.inspect(name)[0]["State"]
            return not state["Running"] and not state["Restarting"]
        # `wait` answers at each exit, as dockerd's does: there may be a restart to come.
        try:
            eventually(ended, 10, f"the last end of {name}")
        except AssertionError as error:
            self.note(str(error))
        code = self.engine.run("wait", name).out.strip()
        container = self.engine.inspect(name)[0]
        log = self.engine.run("logs", name).out
        state = container["State"]
        if (code, container["RestartCount"], log.count("run"), state["Status"], state["ExitCode"]) != ("3", 3, 4, "exited", 3):
            self.note(f"{name}: {code}, {container['RestartCount']} restarts, log {log!r}, {state}")

    def check_health(self, sick):
        def state():
            return self.engine.inspect("probed")[0]["State"]["Health"]
        wanted = "unhealthy" if sick else "healthy"
        try:
            health = eventually(lambda: (now := state())["Status"] == wanted and now, 5, f"health {wanted}")
        except AssertionError:
            return self.note(f"health: {state()} in place of {wanted} at {time.strftime('%H:%M:%S', time.gmtime())}")
        outputs = [int(probe["Output"].split()[1]) for probe in health["Log"]]
        if gap(outputs):
            self.note(f"probes: {outputs}")

    def check_stopped(self, name):
        state = self.engine.inspect(name)[0]["State"]
        if state["Status"] == "running":
            # The engine died before it could pass the wish on, or while the shim carries it out.
            if self.engine.run("stop", "-t", "5", name, check=False).code:
                return self.note(f"{name} cannot be stopped")
            state = self.engine.inspect(name)[0]["State"]
        if state["Status"] != "exited" or state["ExitCode"] != 5:
            self.note(f"{name}: {state}")

    def check_detached(self, name):
        result = self.engine.run("inspect", name, check=False)
        if result.code:
            return  # the engine died before it was made
        state = json.loads(result.out)[0]["State"]
        if state["Status"] == "running":
            if self.engine.run("exec", name, "true", check=False).code:
                self.note(f"{name} runs and takes no exec")
        elif state["Status"] not in ("created", "exited"):
            self.note(f"{name}: {state}")

    def check_execs(self):
        def same():
            # An exec may be under way.
            begun, ended = (self.engine.run("exec", "busy", "cat", f"/{name}").out.split() for name in ("begun", "ended"))
            return set(begun[:-3]) <= set(ended)
        try:
            eventually(same, 5, "the end of every exec")
        except AssertionError:
            self.note("an exec was cut off in the middle")

    def check_accounts(self):
        def agree():
            running = set(self.engine.run("ps", "-q", "--no-trunc").out.split())
            return running == set(self.shims())
        try:
            eventually(agree, 5, "agreement")
        except AssertionError:
            running = self.engine.run("ps", "-q", "--no-trunc").out.split()
            for identifier in set(running) ^ set(self.shims()):
                kind = "runs without a shim" if identifier in running else "has a shim and is said not to run"
                state = self.engine.run("inspect", "--format", "{{.Name}} {{json .State}}", identifier, check=False).out
                self.note(f"container {identifier[:12]} {kind}: {state}")
        left = self.engine.run("ps", "-a", "--format", "{{.Names}} {{.Status}}").out.splitlines()
        strange = [line for line in left if line.split()[0] not in
                   ("web", "echo", "client", "lines", "turning", "busy", "probed")]
        for line in [line for line in strange if line.startswith("rm-") and ("Up" in line or "Created" in line)]:
            # It will be removed at its end; or its client did not come to start it.
            strange.remove(line)
            if "Created" in line:
                self.engine.run("rm", "-f", line.split()[0])
        if strange:
            time.sleep(1)
            now = self.engine.run("ps", "-a", "--format", "{{.Names}} {{.Status}}").out
            for line in strange:
                if line.split()[0] in now:
                    self.note(f"left behind: {line}")
                    self.engine.run("rm", "-f", line.split()[0], check=False)

    def finish(self):
        """Stops all; what the watchers have seen goes to what was lost."""
        for watcher in self.watchers:
            watcher.finish()
            for moment, text in watcher.failures:
                near = "while the engine was away" if self.outages.meet(moment, moment) else "with the engine there"
                self.note(f"{text} ({near})")
        numbers = [number(line) for line in self.engine.run("logs", "lines", timeout=300).out.splitlines()]
        if gap(numbers):
            self.note(f"the whole log of lines: {gap(numbers)}")
        answers = self.engine.run("logs", "client", timeout=300).out
        self.counts.update(
            requests=sum(w.done for w in self.watchers[:3]), slowest=max(w.slowest for w in self.watchers[:3]),
            echoes=self.watchers[3].done, execs=self.watchers[4].done, interrupted_execs=self.watchers[4].interrupted,
            lines=len(numbers), names=answers.count("line"), lost_answers=answers.count("lost"))

    def close(self):
        for watcher in self.watchers:
            watcher.stopped.set()
        self.engine.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rounds", nargs="?", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args()
    print(f"{options.rounds} rounds, seed {options.seed}", flush=True)
    begin = time.monotonic()
    rounds = Rounds(options.seed)
    try:
        for index in range(1, options.rounds + 1):
            rounds.round(index)
            if index % 10 == 0:
                print(f"{index} rounds in {time.monotonic() - begin:.0f} s, {len(rounds.lost)} losses", flush=True)
        rounds.finish()
    finally:
        rounds.close()
    print(", ".join(f"{name} {value:.2f}" if isinstance(value, float) else f"{name} {value}" for name, value in rounds.counts.items()))
    print(f"{options.rounds} rounds, {len(rounds.lost)} losses")
    sys.exit(1 if rounds.lost else 0)


if __name__ == "__main__":
    main()
