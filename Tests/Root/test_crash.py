"""The data plane does not notice that the daemon is gone."""

import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

from engine import Engine, eventually
from fixtures import EngineTest
from test_networks import both, free_port, get

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "Crash"))

from rounds import Rounds  # noqa: E402


class Crashes(EngineTest):
    def test_containers_go_on_without_the_daemon(self):
        port = free_port()
        self.run_skiff("network", "create", "crash")
        self.addCleanup(lambda: self.run_skiff("network", "rm", "crash"))
        self.remove_later("server", "client", "brief")
        self.run_skiff("run", "-d", "--name", "server", "--network", "crash", "-p", f"{port}:80", "busybox", "httpd", "-f", "-h", "/www")
        self.run_skiff("run", "-d", "--name", "client", "--network", "crash", "busybox", "sh", "-c",
                       "while :; do nslookup server | grep -q ^Name && echo found || echo lost; sleep 0.05; done")
        self.run_skiff("run", "-d", "--name", "brief", "busybox", "sh", "-c", "sleep 1; echo last words; exit 42")
        failures, answers, stop = [], [0], threading.Event()

        def ask():
            while not stop.is_set():
                try:
                    get(f"http://127.0.0.1:{port}/", 2)
                    answers[0] += 1
                except (OSError, urllib.error.URLError) as error:
                    failures.append(error)
                time.sleep(0.01)

        eventually(lambda: "found" in self.run_skiff("logs", "client").out, 10, "the first answer by name")
        asking = threading.Thread(target=ask)
        asking.start()
        try:
            for _ in range(3):
                self.engine.kill()
                time.sleep(0.7)
                self.engine.start()
        finally:
            stop.set()
            asking.join()
        self.assertEqual(failures, [])
        self.assertGreater(answers[0], 50)
        self.assertEqual(self.run_skiff("wait", "brief").out, "42\n")
        self.assertEqual(self.run_skiff("logs", "brief").out, "last words\n")
        self.assertNotIn("lost", self.run_skiff("logs", "client").out)
        lines = self.run_skiff("ps", "--format", "{{.Names}} {{.Ports}}").out.splitlines()
        self.assertEqual(sorted(lines), ["client ", "server " + ", ".join(both(f"0.0.0.0:{port}->80/tcp"))])
        self.assertEqual(self.run_skiff("exec", "server", "echo", "here").out, "here\n")
        self.run_skiff("stop", "-t", "1", "server")
        self.assertIn("Exited", self.run_skiff("ps", "-a", "--filter", "name=server").out)

    def test_a_restart_policy_works_while_the_daemon_is_away(self):
        self.remove_later("stubborn")
        self.run_skiff("run", "-d", "--name", "stubborn", "--restart", "always", "busybox", "sh", "-c", "echo up; sleep 0.4; exit 1")
        self.engine.kill()
        time.sleep(2.5)
        self.engine.start()
        self.assertGreaterEqual(self.run_skiff("logs", "stubborn").out.count("up"), 3)
        self.assertIn(self.engine.inspect("stubborn")[0]["State"]["Status"], ("running", "restarting"))

    def test_a_container_whose_shim_is_killed_is_accounted_for(self):
        self.remove_later("orphan")
        self.run_skiff("run", "-d", "--name", "orphan", "busybox", "sleep", "1000")
        pid = self.engine.inspect("orphan")[0]["State"]["Pid"]
        shim = int(next(line.split()[1] for line in open(f"/proc/{pid}/status") if line.startswith("PPid")))
        os.kill(shim, signal.SIGKILL)
        eventually(lambda: self.engine.inspect("orphan")[0]["State"]["Status"] == "exited", 10, "the note of the end")
        eventually(lambda: not os.path.exists(f"/proc/{pid}") or "Z" in open(f"/proc/{pid}/status").read().split("State:")[1][:4],
                   10, "the end of the process")

    def shim(self, name):
        """The pids of the container's first process and of its shim."""
        pid = self.engine.inspect(name)[0]["State"]["Pid"]
        return pid, int(next(line.split()[1] for line in open(f"/proc/{pid}/status") if line.startswith("PPid")))

    def test_a_restart_policy_holds_when_the_shim_is_killed(self):
        wanted = {"always": True, "unless-stopped": True, "on-failure:1": True, "no": False}
        name = lambda policy: "lost-" + policy.replace(":", "-")  # noqa: E731
        self.remove_later(*map(name, wanted))
        for policy in wanted:
            self.run_skiff("run", "-d", "--name", name(policy), "--restart", policy, "-p", "80", "busybox", "sleep", "1000")
        for away in (False, True):
            before = {policy: self.shim(name(policy)) for policy in wanted}
            if away:
                self.engine.kill()
            for _, shim in before.values():
                os.kill(shim, signal.SIGKILL)
            for pid, _ in before.values():
                eventually(lambda: not self.lives(pid), 10, "the end of the process")
            if away:
                self.engine.start()
            for policy, wants in wanted.items():
                again = lambda: self.engine.inspect(name(policy))[0]["State"]  # noqa: E731
                if wants:
                    runs_anew = lambda state: state["Running"] and state["Pid"] != before[policy][0]  # noqa: E731
                    eventually(lambda: runs_anew(again()), 10, f"the restart of {policy}")
                    self.assertEqual(self.run_skiff("exec", name(policy), "echo", "again").out, "again\n")
                else:
                    eventually(lambda: again()["Status"] == "exited", 10, "the note of the end")
                    self.assertEqual(again()["ExitCode"], 137)
                    self.run_skiff("start", name(policy))

    def leave_half_made(self, id):
        """What a shim leaves that is killed while it makes its container."""
        state = self.engine.directory / "exec/runtime" / id
        state.mkdir()
        os.mkfifo(state / "start")
        (state / "state.json.new").write_text('{"cgroup":"skiff-half-made/x"}')
        return state

    def test_a_container_whose_shim_was_killed_while_it_made_it_can_be_started_again(self):
        self.remove_later("half")
        self.run_skiff("run", "--name", "half", "busybox", "echo", "here")
        state = self.leave_half_made(self.engine.inspect("half")[0]["Id"])
        self.assertEqual(self.run_skiff("start", "-a", "half").out, "here\n")
        self.assertFalse(state.exists())

    def test_what_cannot_be_cleared_up_is_said_and_keeps_nobody_from_the_next_start(self):
        self.remove_later("unread")
        self.engine.run("run", "-d", "--name", "unread", "busybox", "sleep", "1000")
        id = self.engine.inspect("unread")[0]["Id"]
        record = self.engine.directory / "exec/runtime" / id / "state.json"
        written = record.read_bytes()
        record.write_bytes(b"nonsense")
        os.kill(self.shim("unread")[1], signal.SIGKILL)
        state = eventually(lambda: (s := self.engine.inspect("unread")[0]["State"])["Status"] == "exited" and s, 10, "the end")
        self.assertEqual(state["ExitCode"], 137)
        self.assertIn("its shim had been killed", state["Error"])
        self.assertIn("leftovers: ", (self.engine.directory / "data/containers" / id / "shim.log").read_text())
        record.write_bytes(written)
        self.engine.run("start", "unread")
        self.assertEqual(self.engine.run("exec", "unread", "echo", "again").out, "again\n")

    def test_what_a_killed_shim_has_left_is_cleared_up_by_the_next_engine(self):
        self.remove_later("half")
        self.run_skiff("run", "--name", "half", "busybox", "echo", "here")
        before = self.engine.inspect("half")[0]["State"]
        id = self.engine.inspect("half")[0]["Id"]
        self.engine.kill()
        state = self.leave_half_made(id)
        left = self.engine.directory / f"exec/shims/{id}.sock"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(left))
        self.engine.start()
        self.assertFalse(state.exists())
        self.assertFalse(left.exists())
        self.assertEqual(self.engine.inspect("half")[0]["State"], before)

    def shims(self):
        """The pids of all shims of this engine."""
        found = []
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if words.startswith(b"skiff-shim\0") and str(self.engine.directory).encode() in words:
                found.append(int(entry.name))
        return found

    def test_a_shim_that_is_killed_while_it_starts_leaves_nothing(self):
        dice = random.Random(7)
        for index in range(30):
            name = f"hasty-{index}"
            self.remove_later(name)
            self.run_skiff("create", "--name", name, "--init", "-p", "80", "busybox", "sleep", "1000")
            starting = self.engine.begin("start", name)
            eventually(self.shims, 10, "a shim")
            time.sleep(dice.uniform(0, 0.04))
            for pid in self.shims():
                os.kill(pid, signal.SIGKILL)
            starting.communicate(timeout=20)
            # Where the start was over, its end may not have been noted yet.
            eventually(lambda: self.engine.inspect(name)[0]["State"]["Running"] is False, 10, "the end")
            self.run_skiff("start", name)
            self.assertEqual(self.run_skiff("exec", name, "echo", "here").out, "here\n")
            self.run_skiff("rm", "-f", name)
            self.assertEqual(self.shims(), [], f"round {index}")
            self.assertEqual(os.listdir(self.engine.directory / "exec/shims"), [], f"round {index}")
            left = [name for name in os.listdir(self.engine.directory / "exec/runtime") if not name.startswith(".")]
            self.assertEqual(left, [], f"round {index}")

    def test_two_engines_share_no_exec_root(self):
        second = Engine("--exec-root", str(self.engine.directory / "exec"))
        self.addCleanup(shutil.rmtree, second.directory, ignore_errors=True)
        second.spawn()
        self.assertEqual(second.process.wait(timeout=20), 1)
        self.assertIn(f"another skiffd uses the exec root {self.engine.directory}/exec: process {self.engine.process.pid}", second.log())

    def test_a_shim_that_dies_while_the_engine_is_away_is_found_missing(self):
        self.remove_later("alone")
        self.run_skiff("run", "-d", "--name", "alone", "busybox", "sleep", "1000")
        pid = self.engine.inspect("alone")[0]["State"]["Pid"]
        shim = int(next(line.split()[1] for line in open(f"/proc/{pid}/status") if line.startswith("PPid")))
        self.engine.kill()
        os.kill(shim, signal.SIGKILL)
        # Nothing runs on that nobody looks after, even while no engine is there to end it.
        eventually(lambda: not self.lives(pid), 10, "the end of the process")
        self.engine.start()
        state = self.engine.inspect("alone")[0]["State"]
        self.assertEqual((state["Status"], state["ExitCode"]), ("exited", 137))
        self.assertIn("its shim had been killed", state["Error"])
        self.run_skiff("start", "alone")
        self.assertEqual(self.run_skiff("exec", "alone", "echo", "again").out, "again\n")

    def api(self, method, path, body=None):
        """The engine's answer to a request of one's own."""
        class Connection(http.client.HTTPConnection):
            def connect(connection):
                connection.sock = socket.socket(socket.AF_UNIX)
                connection.sock.connect(str(self.engine.socket))
        connection = Connection("localhost")
        connection.request(method, path, json.dumps(body) if body is not None else None, {"Content-Type": "application/json"})
        answer = connection.getresponse().read()
        connection.close()
        return json.loads(answer) if answer else None

    def test_an_exec_is_known_to_the_next_engine(self):
        self.remove_later("hosting")
        self.run_skiff("run", "-d", "--name", "hosting", "busybox", "sleep", "1000")
        execs = []
        for command in ("sleep 0.3; exit 9", "sleep 1000", "exit 4"):
            exec_id = self.api("POST", "/containers/hosting/exec", {"Cmd": ["sh", "-c", command]})["Id"]
            self.api("POST", f"/exec/{exec_id}/start", {"Detach": True})
            execs.append(exec_id)
        self.engine.kill()
        time.sleep(0.5)
        self.engine.start()
        first, second, third = (self.api("GET", f"/exec/{exec_id}/json") for exec_id in execs)
        self.assertEqual([(e["Running"], e.get("ExitCode")) for e in (first, second, third)], [(False, 9), (True, None), (False, 4)])
        self.assertEqual(second["ProcessConfig"]["arguments"], ["-c", "sleep 1000"])
        os.kill(second["Pid"], signal.SIGTERM)
        eventually(lambda: self.api("GET", f"/exec/{execs[1]}/json").get("ExitCode") == 143, 10, "the end of the second exec")

    @staticmethod
    def lives(pid):
        try:
            return "Z" not in pathlib.Path(f"/proc/{pid}/status").read_text().split("State:")[1][:4]
        except FileNotFoundError:
            return False

    def test_a_copy_under_way_ends_with_its_engine(self):
        self.remove_later("source")
        self.run_skiff("run", "--name", "source", "busybox", "dd", "if=/dev/zero", "of=/big", "bs=1", "count=1", "seek=2000000000")
        with tempfile.TemporaryDirectory() as directory:
            copying = self.engine.begin("cp", "source:/big", directory)
            try:
                eventually(lambda: os.path.exists(f"{directory}/big") or copying.poll() is not None, 10, "the copy's beginning")
                self.engine.kill()
                _, error = copying.communicate(timeout=10)
                self.assertEqual(copying.returncode, 1, error)
                self.assertIn(b"connection", error)
            finally:
                copying.kill()
                copying.communicate()
                self.engine.start()

    def test_a_shim_that_says_nothing_holds_up_nobody(self):
        self.remove_later("mute", "other")
        for name in ("mute", "other"):
            self.run_skiff("run", "-d", "--name", name, "busybox", "sleep", "1000")
        pid = self.engine.inspect("mute")[0]["State"]["Pid"]
        shim = int(next(line.split()[1] for line in open(f"/proc/{pid}/status") if line.startswith("PPid")))
        self.engine.kill()
        os.kill(shim, signal.SIGSTOP)
        try:
            self.engine.start()
            self.assertEqual(self.run_skiff("exec", "other", "echo", "here").out, "here\n")
            self.assertIn("Up", self.run_skiff("ps", "--filter", "name=mute").out)
        finally:
            os.kill(shim, signal.SIGCONT)
        eventually(lambda: self.engine.run("exec", "mute", "echo", "there", check=False).out == "there\n", 15, "the shim's answer")


class Busy(unittest.TestCase):
    def test_ten_crashes_lose_nothing(self):
        """As scripts/crash-rounds, which has more of them."""
        rounds = Rounds(seed=10)
        try:
            for index in range(1, 11):
                rounds.round(index)
            rounds.finish()
        finally:
            rounds.close()
        self.assertEqual(rounds.lost, [])
        self.assertGreater(rounds.counts["requests"], 500)
