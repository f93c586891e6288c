"""skiff-shim over a real runtime, driven through its socket."""

import json
import os
import pathlib
import resource
import subprocess
import time
import unittest

import leaks
from engine import eventually
from shim import END_OF_INPUT, INPUT, Refused, Shim


class ShimTests(unittest.TestCase):
    def setUp(self):
        before = leaks.snapshot()
        # Registered first, so that it runs after every shim is closed.
        self.addCleanup(lambda: self.check_leaks(before))

    def check_leaks(self, before):
        left = []

        def is_clean():
            left[:] = [line for line in leaks.compare(before, leaks.snapshot()) if "skiff-shim-test" in line]
            return not left

        # Whoever reaps orphans here may be a little late.
        try:
            eventually(is_clean, 5)
        except AssertionError:
            self.fail("left behind: " + ", ".join(left))

    def shim(self, command, **options):
        shim = Shim(command, **options)
        self.addCleanup(shim.close)
        return shim

    def test_output_exit_code_and_log_agree(self):
        shim = self.shim(["sh", "-c", "echo out; echo err >&2; printf rest; exit 7"])
        out, err, status = shim.run()
        self.assertEqual((out, err, status["code"]), ("out\nrest", "err\n", 7))
        self.assertEqual(shim.exit_file(), status)
        self.assertEqual(sorted(line["log"] for line in shim.log()), ["err\n", "out\n", "rest"])
        self.assertFalse(os.path.exists(shim.spec["socket"]))

    def test_every_byte_of_much_output_arrives_before_the_exit(self):
        shim = self.shim(["sh", "-c", "seq 1 200000; exit 3"])
        out, _, status = shim.run()
        self.assertEqual((len(out.splitlines()), out.splitlines()[-1], status["code"]), (200000, "200000", 3))
        self.assertEqual(shim.logged(), out)

    def test_a_signal_is_128_and_its_number(self):
        shim = self.shim(["sleep", "1000"]).launch()
        shim.ask("start")
        shim.ask("kill", signal=9, all=False, final=False)
        self.assertEqual(shim.finished()["code"], 137)

    def test_a_command_that_is_not_there_is_refused(self):
        shim = self.shim(["nothing-here"])
        with self.assertRaises(Refused) as caught:
            shim.launch()
            shim.ask("start")
        self.assertEqual(caught.exception.kind, "commandNotFound")
        shim.process.wait(timeout=10)

    def test_standard_input_reaches_the_process_and_its_end_too(self):
        shim = self.shim(["wc", "-c"], openStdin=True, stdinOnce=True).launch()
        attached = shim.attach(stdin=True)
        shim.ask("start")
        for _ in range(100):
            attached.send(INPUT, b"x" * 30000)
        attached.send(END_OF_INPUT)
        out, _, code = attached.collect()
        self.assertEqual((out.strip(), code), (b"3000000", 0))
        shim.finished()

    def test_a_client_that_goes_away_leaves_standard_input_open(self):
        shim = self.shim(["cat"], openStdin=True, stdinOnce=True).launch()
        first = shim.attach(stdin=True)
        shim.ask("start")
        first.send(INPUT, b"one\n")
        first.close()
        second = shim.attach(stdin=True)
        second.send(INPUT, b"two\n")
        second.send(END_OF_INPUT)
        _, _, code = second.collect()
        self.assertEqual((shim.finished()["code"], code, shim.logged()), (0, 0, "one\ntwo\n"))

    def test_a_terminal_is_one_and_has_a_size(self):
        shim = self.shim(["sh", "-c", "tty; stty size; read x; stty size; echo got $x"], terminal=True, openStdin=True,
                         consoleSize={"columns": 91, "rows": 17}).launch()
        attached = shim.attach(stdin=True)
        shim.ask("start")
        eventually(lambda: "17 91" in shim.logged(), 5, "the first size")
        shim.ask("resize", size={"columns": 80, "rows": 25})
        attached.send(INPUT, b"hello\n")
        out, _, code = attached.collect()
        self.assertIn("/dev/pts/0", out.decode())
        self.assertIn("25 80", out.decode())
        self.assertIn("got hello", out.decode())
        shim.finished()

    def test_exec_has_streams_and_an_exit_code_of_its_own(self):
        shim = self.shim(["sleep", "1000"]).launch()
        shim.ask("start")
        one = shim.exec(["sh", "-c", "cat; echo no >&2; exit 4"], "one", stdin=True)
        two = shim.exec(["sh", "-c", "tty; exit 5"], "two", terminal=True)
        one.send(INPUT, b"hello")
        one.send(END_OF_INPUT)
        self.assertEqual(one.collect(), (b"hello", b"no\n", 4))
        out, _, code = two.collect()
        self.assertEqual((b"/dev/pts" in out, code), (True, 5))
        with self.assertRaises(Refused) as caught:
            shim.exec(["nothing-here"], "three")
        self.assertEqual(caught.exception.kind, "commandNotFound")
        shim.ask("stop", signal=9, timeout=1)
        shim.finished()

    def test_an_exec_ends_with_its_container(self):
        shim = self.shim(["sleep", "1000"]).launch()
        shim.ask("start")
        one = shim.exec(["sleep", "1000"], "one")
        shim.ask("kill", signal=9, all=False, final=True)
        self.assertEqual(one.collect()[2], 137)
        self.assertEqual(shim.finished()["code"], 137)

    def test_pause_freezes_and_resume_thaws(self):
        shim = self.shim(["sh", "-c", "while true; do echo .; sleep 0.02; done"]).launch()
        shim.ask("start")
        shim.ask("pause")
        self.assertEqual(shim.ask("state")["phase"], "paused")
        time.sleep(0.1)
        count = len(shim.logged())
        time.sleep(0.2)
        self.assertEqual(len(shim.logged()), count)
        with self.assertRaises(Refused):
            shim.exec(["true"])
        shim.ask("resume")
        eventually(lambda: len(shim.logged()) > count, 5, "output after the pause")
        shim.ask("pause")
        shim.ask("stop", signal=9, timeout=1)
        self.assertEqual(shim.finished()["code"], 137)

    def test_stop_kills_what_does_not_listen(self):
        shim = self.shim(["sh", "-c", "trap '' TERM; echo ready; while true; do sleep 1; done"]).launch()
        shim.ask("start")
        eventually(lambda: "ready" in shim.logged(), 5, "the trap")
        begin = time.monotonic()
        shim.ask("stop", signal=15, timeout=1)
        self.assertEqual(shim.finished()["code"], 137)
        self.assertGreater(time.monotonic() - begin, 0.9)

    def test_on_failure_restarts_as_often_as_allowed(self):
        shim = self.shim(["sh", "-c", "echo run >> /count; exit 3"],
                         restart={"name": "on-failure", "maximumRetries": 2}).launch()
        shim.ask("start")
        status = shim.finished()
        self.assertEqual((status["code"], status["restartCount"]), (3, 2))
        self.assertEqual((shim.bundle / "upper/count").read_text(), "run\n" * 3)

    def test_always_restarts_until_it_is_stopped(self):
        shim = self.shim(["sh", "-c", "echo run; exit 0"], restart={"name": "always", "maximumRetries": 0}).launch()
        shim.ask("start")
        for _ in range(3):
            shim.events.until("started")
        shim.ask("stop", signal=15, timeout=5)
        self.assertIn(shim.finished()["code"], (0, 143))
        self.assertGreaterEqual(shim.exit_file()["restartCount"], 2)

    def test_health_is_judged_by_probes(self):
        second = 1_000_000_000
        check = {"arguments": ["sh", "-c", "echo probing; test -e /ok"], "interval": second // 5, "timeout": second,
                 "startPeriod": 0, "startInterval": 0, "retries": 2}
        shim = self.shim(["sleep", "1000"], health=check).launch()
        shim.ask("start")

        def until(status):
            while (health := shim.events.until("health")["_0"])["status"] != status:
                pass
            return health

        health = until("unhealthy")
        self.assertEqual((health["failingStreak"], health["log"][-1]["output"]), (2, "probing\n"))
        shim.exec(["touch", "/ok"]).collect()
        self.assertEqual(until("healthy")["failingStreak"], 0)
        shim.ask("kill", signal=9, all=False, final=True)
        shim.finished()

    def test_a_probe_that_hangs_is_killed(self):
        check = {"arguments": ["sleep", "1000"], "interval": 100_000_000, "timeout": 200_000_000, "startPeriod": 0,
                 "startInterval": 0, "retries": 1}
        shim = self.shim(["sleep", "1000"], health=check).launch()
        shim.ask("start")
        while not (health := shim.events.until("health")["_0"])["log"]:
            pass
        self.assertEqual(health["log"][0]["output"], "Health check exceeded timeout (200ms)")
        shim.ask("kill", signal=9, all=False, final=True)
        shim.finished()

    def test_an_empty_volume_takes_over_what_the_image_has(self):
        volume_shim = self.shim(["true"])
        data = volume_shim.directory / "layers/1/var/data"
        os.chmod(data, 0o2770)
        os.chown(data, 12, 34)
        (data / "file").write_text("content")
        os.chmod(data / "file", 0o4755)
        os.link(data / "file", data / "linked")
        os.symlink("../../../etc/passwd", data / "link")
        (data / "deep/er").mkdir(parents=True)
        (data / "deep/er/leaf").write_text("leaf")
        os.setxattr(data / "file", "user.skiff", b"yes")
        os.symlink("/var/data", volume_shim.directory / "layers/1/alias")
        volume = volume_shim.directory / "volume"
        volume.mkdir()
        volume_shim.spec["copyUps"] = [{"destination": "/alias", "volume": str(volume)}]
        volume_shim.run()
        top = volume.stat()
        self.assertEqual((top.st_mode & 0o7777, top.st_uid, top.st_gid), (0o2770, 12, 34))
        self.assertEqual((volume / "file").read_text(), "content")
        self.assertEqual((volume / "file").stat().st_mode & 0o7777, 0o4755)
        self.assertEqual((volume / "file").stat().st_ino, (volume / "linked").stat().st_ino)
        self.assertEqual(os.getxattr(volume / "file", "user.skiff"), b"yes")
        self.assertEqual(os.readlink(volume / "link"), "../../../etc/passwd")
        self.assertEqual((volume / "deep/er/leaf").read_text(), "leaf")

    def test_a_volume_takes_over_names_that_are_no_text(self):
        shim = self.shim(["true"])
        data = os.fsencode(shim.directory / "layers/1/var/data")
        for name in (b"caf\xe9", b"\xff\xfe", "käse".encode()):
            os.makedirs(os.path.join(data, b"in-" + name))
            with open(os.path.join(data, b"in-" + name, name), "wb") as file:
                file.write(name)
            os.symlink(b"to-" + name, os.path.join(data, b"link-" + name))
            os.link(os.path.join(data, b"in-" + name, name), os.path.join(data, b"twin-" + name))
        volume = shim.directory / "volume"
        volume.mkdir()
        shim.spec["copyUps"] = [{"destination": "/var/data", "volume": str(volume)}]
        shim.run()

        def tree(top):
            return sorted((os.path.relpath(path, top), sorted(directories), sorted(files)) for path, directories, files in os.walk(top))
        self.assertEqual(tree(os.fsencode(volume)), tree(data))
        self.assertEqual(os.readlink(os.path.join(os.fsencode(volume), b"link-\xff\xfe")), b"to-\xff\xfe")

    def test_a_client_that_does_not_read_holds_back_and_loses_nothing(self):
        shim = self.shim(["sh", "-c", "seq 1 1000000"]).launch()
        slow = shim.attach()
        shim.ask("start")
        time.sleep(1)
        out, _, code = slow.collect()
        self.assertEqual((out.count(b"\n"), code), (1000000, 0))
        shim.finished()

    def test_a_socket_may_have_a_long_path(self):
        shim = self.shim(["true"])
        deep = shim.directory / ("d" * 80) / ("e" * 80)
        deep.mkdir(parents=True)
        shim.spec["socket"] = str(deep / "s.sock")
        shim.launch()
        self.assertTrue(os.path.exists(shim.spec["socket"]))
        self.assertEqual(os.stat(shim.spec["socket"]).st_mode & 0o777, 0o600)
        shim.process.terminate()
        shim.process.wait(timeout=10)

    def test_a_user_may_open_its_own_output(self):
        shim = self.shim(["sh", "-c", "echo one > /dev/stdout; echo two > /proc/self/fd/2"])
        shim.config["process"]["user"] = {"uid": 65534, "gid": 65534}
        out, err, status = shim.run()
        self.assertEqual((out, err, status["code"]), ("one\n", "two\n", 0))

    def test_a_terminated_shim_stops_its_container_first(self):
        shim = self.shim(["sh", "-c", "trap 'echo bye; exit 3' TERM; echo ready; while true; do sleep 0.05; done"])
        shim.launch()
        shim.ask("start")
        eventually(lambda: "ready" in shim.logged(), 5, "the trap")
        shim.process.terminate()
        self.assertEqual(shim.finished()["code"], 3)
        self.assertTrue(shim.logged().endswith("bye\n"))

    def test_memory_that_is_out_is_told(self):
        shim = self.shim(["sh", "-c", "tail -c 200000000 /dev/zero"])
        shim.config["linux"]["resources"] = {"memory": {"limit": 16 << 20}}
        shim.launch()
        shim.ask("start")
        self.assertTrue(shim.finished()["outOfMemory"])

    def test_a_read_only_root_of_one_layer_is_one(self):
        shim = self.shim(["sh", "-c", "touch /x; echo $?"])
        shim.spec["rootFileSystem"].update(upper=None, work=None)
        out, _, _ = shim.run()
        self.assertEqual(out, "1\n")

    def test_many_layers_fit(self):
        shim = self.shim(["sh", "-c", "ls /marks | wc -l"])
        names = []
        for number in range(2, 127):
            (shim.directory / f"layers/{number}/marks").mkdir(parents=True)
            (shim.directory / f"layers/{number}/marks/{number}").touch()
            names.append(str(number))
        shim.spec["rootFileSystem"]["lower"] = names + ["1"]
        out, _, _ = shim.run()
        self.assertEqual(out.strip(), "125")

    def test_input_after_the_exit_harms_nobody(self):
        shim = self.shim(["seq", "1", "120000"], openStdin=True).launch()
        slow = shim.attach(stdin=True)
        shim.ask("start")
        shim.events.until("exited")
        for _ in range(10):
            slow.send(INPUT, b"too late")
        time.sleep(0.1)
        out, _, code = slow.collect()
        self.assertEqual((out.count(b"\n"), code, shim.process.wait(timeout=10)), (120000, 0, 0))

    def test_an_exec_whose_client_goes_away_meets_the_end_of_its_input(self):
        shim = self.shim(["sleep", "1000"]).launch()
        shim.ask("start")
        one = shim.exec(["sh", "-c", "cat; echo gone > /gone"], "one", stdin=True)
        one.close()
        eventually(lambda: (shim.bundle / "upper/gone").exists(), 5, "the end of the exec's input")
        self.assertEqual(shim.events.until("execExited"), {"id": "one", "code": 0})

    def test_a_client_may_attach_between_two_runs(self):
        shim = self.shim(["sh", "-c", "read x; echo got $x; exit 1"], openStdin=True,
                         restart={"name": "on-failure", "maximumRetries": 1}).launch()
        first = shim.attach(stdin=True)
        shim.ask("start")
        first.send(INPUT, b"one\n")
        self.assertEqual(first.collect(), (b"got one\n", b"", 1))
        second = shim.attach(stdin=True)
        second.send(INPUT, b"two\n")
        self.assertEqual(second.collect(), (b"got two\n", b"", 1))
        self.assertEqual(shim.finished()["restartCount"], 1)

    def test_strangers_on_the_socket_harm_nobody(self):
        shim = self.shim(["sleep", "1000"]).launch()
        shim.ask("start")
        silent = [shim.connect() for _ in range(50)]
        for nonsense in [b"\xff" * 100, b"\x01\xff\xff\xff\xff", b"\x01\x00\x00\x00\x04{{{{", b"\x10\x00\x00\x00\x01x",
                         b"\x01\x00\x00\x00\x02{}"]:
            connection = shim.connect()
            connection.socket.sendall(nonsense)
            connection.close()
        random = os.urandom
        for _ in range(200):
            connection = shim.connect()
            try:
                connection.socket.sendall(random(64))
            except OSError:
                pass
            connection.close()
        self.assertEqual(shim.ask("state")["phase"], "running")
        for connection in silent:
            connection.close()
        shim.ask("kill", signal=9, all=False, final=True)
        shim.finished()

    def test_a_thousand_silent_strangers_lock_nobody_out(self):
        shim = self.shim(["sleep", "1000"]).launch()
        shim.ask("start")
        strangers = []
        for number in range(1000):
            strangers.append(shim.connect())
            if number % 3 == 1:
                strangers[-1].socket.sendall(b"\x01\x00\x3f")
            if number % 3 == 2:
                strangers[-1].socket.sendall(b"\x01\x00\x3f\xff\xff" + b"{" * 1000)
        begin = time.monotonic()
        self.assertEqual(shim.ask("state")["phase"], "running")
        self.assertLess(time.monotonic() - begin, 2)
        self.assertEqual(shim.exec(["sh", "-c", "exit 9"]).collect()[2], 9)
        for connection in strangers:
            connection.close()

    def test_a_slow_client_is_heard_in_the_end(self):
        shim = self.shim(["sleep", "1000"]).launch()
        shim.ask("start")
        connection = shim.connect()
        for byte in b"\x01\x00\x00\x00\x0c" + b'{"state":{}}':
            connection.socket.sendall(bytes([byte]))
            time.sleep(0.01)
        self.assertEqual(connection.reply()["phase"], "running")

    def test_without_descriptors_the_shim_rests_and_goes_on_later(self):
        shim = self.shim(["sh", "-c", "trap 'exit 143' TERM; while :; do sleep 0.05; done"]).launch()
        shim.ask("start")
        used = len(os.listdir(f"/proc/{shim.process.pid}/fd"))
        soft, hard = resource.prlimit(shim.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(shim.process.pid, resource.RLIMIT_NOFILE, (used + 2, hard))
        silent = [shim.connect() for _ in range(20)]
        time.sleep(0.3)

        def ticks():
            fields = pathlib.Path(f"/proc/{shim.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            return int(fields[11]) + int(fields[12])
        before = ticks()
        time.sleep(1)
        self.assertLess(ticks() - before, 10, "hundredths of a second of a processor in one second")
        for connection in silent:
            connection.close()
        self.assertEqual(shim.ask("state")["phase"], "running")
        silent = [shim.connect() for _ in range(20)]
        time.sleep(0.2)
        # There is none left for a connection; but the end of the container still works, and is written down.
        shim.process.terminate()
        self.assertEqual(shim.finished()["code"], 143)
        self.assertEqual(shim.exit_file()["code"], 143)

    def test_a_container_that_nobody_started_goes_with_whoever_made_it(self):
        shim = self.shim(["sleep", "1000"]).launch()
        pid = int(pathlib.Path(f"/proc/{shim.process.pid}/task/{shim.process.pid}/children").read_text())
        shim.events.close()
        shim.process.wait(timeout=10)
        eventually(lambda: not os.path.exists(f"/proc/{pid}"), 5, "the end of the container's process")
        self.assertFalse(os.path.exists(shim.spec["socket"]))

    def test_a_probe_keeps_4096_bytes_of_its_output(self):
        check = {"arguments": ["sh", "-c", "yes 123456789 | head -n 1000"], "interval": 100_000_000, "timeout": 5_000_000_000,
                 "startPeriod": 0, "startInterval": 0, "retries": 1}
        shim = self.shim(["sleep", "1000"], health=check).launch()
        shim.ask("start")
        while len((health := shim.events.until("health")["_0"])["log"]) < 5:
            pass
        self.assertEqual([probe["output"] for probe in health["log"]], [("123456789\n" * 1000)[:4096] + "..."] * 5)

    def test_the_container_does_not_notice_that_its_daemon_dies(self):
        shim = self.shim(["sh", "-c", "i=0; while [ $i -lt 60 ]; do echo $i; i=$((i+1)); sleep 0.02; done; exit 9"])
        shim.launch()
        attached = shim.attach()
        shim.ask("start")
        attached.close()
        shim.events.close()
        shim.process.wait(timeout=20)
        self.assertEqual(shim.exit_file()["code"], 9)
        self.assertEqual(shim.logged(), "".join(f"{i}\n" for i in range(60)))


if __name__ == "__main__":
    unittest.main()
