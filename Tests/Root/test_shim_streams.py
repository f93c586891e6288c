"""Logs that turn, and terminals that several clients share, through the whole engine."""

import fcntl
import gzip
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import time

from engine import SKIFF, eventually
from fixtures import EngineTest


class Terminal:
    """A client of the engine at a terminal of its own."""

    def __init__(self, engine, *words, program=SKIFF):
        self.leader, follower = pty.openpty()
        self.resize(24, 80)
        self.process = subprocess.Popen([program, *words], stdin=follower, stdout=follower, stderr=follower, env=engine.variables(),
                                        start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(follower)
        self.seen = b""

    def resize(self, rows, columns):
        fcntl.ioctl(self.leader, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys):
        os.write(self.leader, keys)

    def until(self, wanted, within=10):
        """Reads until the text was seen; what came since the last time."""
        end = time.monotonic() + within
        while wanted not in self.seen:
            if time.monotonic() > end:
                raise AssertionError(f"{wanted!r} did not come: {self.seen!r}")
            if select.select([self.leader], [], [], 0.1)[0]:
                try:
                    self.seen += os.read(self.leader, 4096)
                except OSError:
                    break
        seen, self.seen = self.seen, b""
        return seen

    def end(self):
        try:
            code = self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        os.close(self.leader)
        return code


class Terminals(EngineTest):
    def test_detach_keys_leave_the_container_running(self):
        self.detach_and_come_back(SKIFF)

    def test_the_docker_cli_detaches_and_comes_back(self):
        self.detach_and_come_back(shutil.which("docker"))

    def detach_and_come_back(self, program):
        self.remove_later("typed")
        first = Terminal(self.engine, "run", "-it", "--name", "typed", "busybox", "sh", program=program)
        first.type(b"echo o$((1))e\n")
        first.until(b"o1e")
        first.type(b"\x10\x11")
        self.assertEqual(first.end(), 0)
        self.assertEqual(self.engine.inspect("typed")[0]["State"]["Status"], "running")
        second = Terminal(self.engine, "attach", "--detach-keys", "ctrl-x,y", "typed", program=program)
        second.type(b"echo t$((2))o\n")
        second.until(b"t2o")
        second.type(b"\x10\x11\x18z\n")
        second.type(b"echo st$((1))ll\n")
        second.until(b"st1ll")
        second.type(b"\x18y")
        second.until(b"read escape sequence")
        self.assertEqual(second.end(), 1)
        third = Terminal(self.engine, "exec", "-it", "typed", "sh", program=program)
        third.type(b"tty; echo $((6 * 7))\n")
        self.assertIn(b"/dev/pts/", third.until(b"42"))
        third.type(b"\x10\x11")
        self.assertEqual(third.end(), 1)
        self.assertEqual(self.run_skiff("exec", "typed", "echo", "here").out, "here\n")
        last = Terminal(self.engine, "attach", "typed", program=program)
        last.type(b"\nexit 6\n")
        self.assertEqual(last.end(), 6)

    def test_several_clients_see_the_same_and_a_size_follows(self):
        self.remove_later("shared")
        self.run_skiff("run", "-dit", "--name", "shared", "busybox", "sh")
        clients = [Terminal(self.engine, "attach", "shared") for _ in range(3)]
        for number, client in enumerate(clients):
            # One that has its own answer is attached.
            client.type(b"echo own-$((%d + 10))\n" % number)
            client.until(b"own-%d" % (number + 10))
        for number, client in enumerate(clients):
            client.type(b"echo all-$((%d + 10))\n" % number)
            for other in clients:
                other.until(b"all-%d" % (number + 10))
        clients[0].resize(33, 101)
        os.kill(clients[0].process.pid, signal.SIGWINCH)

        def size():
            clients[0].type(b"stty size; echo en$((1))d\n")
            return b"33 101" in clients[0].until(b"en1d")
        eventually(size, 10, "the new size")
        clients[0].type(b"exit 3\n")
        self.assertEqual([client.end() for client in clients], [3, 3, 3])

    def test_an_input_that_ends_is_ended_for_the_process_alone(self):
        self.remove_later("counted")
        result = self.run_skiff("run", "-i", "--name", "counted", "busybox", "sh", "-c", "wc -c; sleep 0.3; echo after; exit 7",
                                input=b"x" * 100000, check=False)
        self.assertEqual((result.code, result.out), (7, "100000\nafter\n"))

    def test_a_client_that_is_killed_ends_the_input_that_was_its_own(self):
        self.remove_later("left")
        process = self.engine.begin("run", "-i", "--name", "left", "busybox", "sh", "-c", "cat; exit 8", stdin=subprocess.PIPE)
        process.stdin.write(b"some\n")
        process.stdin.flush()
        eventually(lambda: "some" in self.run_skiff("logs", "left", check=False).out, 10, "the first words")
        process.kill()
        process.communicate()
        self.assertEqual(self.run_skiff("wait", "left", timeout=20).out, "8\n")


class Logs(EngineTest):
    def talk(self, name, last, *options):
        self.remove_later(name)
        self.run_skiff("run", "--name", name, *options, "busybox", "seq", "-s", "\n", "1", str(last))
        return self.engine.inspect(name)[0]

    def numbers(self, name, *options):
        return [int(line) for line in self.run_skiff("logs", *options, name).out.split()]

    def directory(self, container):
        return pathlib.Path(self.engine.directory, "data/containers", container["Id"])

    def test_files_turn_and_are_read_as_one(self):
        container = self.talk("turn", 3000, "--log-opt", "max-size=20k", "--log-opt", "max-file=3")
        files = list(self.directory(container).glob("*-json.log*"))
        self.assertEqual(len(files), 3)
        self.assertLess(max(file.stat().st_size for file in files), 21 << 10)
        self.assertTrue(container["LogPath"].endswith("-json.log"))
        numbers = self.numbers("turn")
        self.assertEqual(numbers, list(range(numbers[0], 3001)))
        self.assertGreater(len(numbers), 500)
        self.assertEqual(self.numbers("turn", "--tail", "400"), list(range(2601, 3001)))

    def test_packed_files_are_gzip_and_are_read_as_one(self):
        self.remove_later("pack")
        self.run_skiff("run", "--name", "pack", "--log-opt", "max-size=200k", "--log-opt", "max-file=4", "--log-opt", "compress=true",
                       "busybox", "sh", "-c", "i=0; while [ $i -lt 30000 ]; do seq $((i+1)) $((i+1000)); i=$((i+1000)); sleep 0.1; done")
        container = self.engine.inspect("pack")[0]

        def packed():
            found = list(self.directory(container).glob("*.gz"))
            return len(found) == 3 and found
        for file in eventually(packed, 10, "three packed files"):
            text = gzip.decompress(file.read_bytes())
            self.assertTrue(text.startswith(b'{"log":"') and text.endswith(b'"}\n'))
            self.assertGreater(len(text), 4 * file.stat().st_size)
        numbers = self.numbers("pack")
        self.assertEqual(numbers, list(range(numbers[0], 30001)))
        self.assertEqual(self.numbers("pack", "--tail", "5000"), list(range(25001, 30001)))

    def test_the_driver_local_and_none(self):
        container = self.talk("local", 50, "--log-driver", "local")
        self.assertEqual((container["HostConfig"]["LogConfig"]["Type"], container["LogPath"]), ("local", ""))
        self.assertEqual(self.numbers("local"), list(range(1, 51)))
        self.talk("none", 5, "--log-driver", "none")
        self.assertIn("configured logging driver does not support reading", self.fails(1, "logs", "none").err)

    def test_options_that_make_no_sense_are_refused(self):
        for option, words in (("max-size=much", "invalid size: 'much'"), ("max-file=0", "max-file cannot be less than 1"),
                              ("speed=9", "unknown log opt 'speed' for json-file log driver"),
                              ("compress=maybe", "invalid compress: 'maybe'")):
            self.assertIn(words, self.fails(125, "run", "--log-opt", option, "busybox", "true").err)
        self.assertNotIn("busybox", self.run_skiff("ps", "-a", "--filter", "status=created").out)

    def test_times_choose_lines(self):
        self.remove_later("timed")
        self.run_skiff("run", "--name", "timed", "busybox", "sh", "-c", "for i in 1 2 3 4 5; do echo $i; sleep 0.05; done")
        lines = self.run_skiff("logs", "-t", "timed").out.splitlines()
        third = lines[2].split()[0]
        self.assertEqual(self.numbers("timed", "--since", third), [3, 4, 5])
        self.assertEqual(self.numbers("timed", "--until", third), [1, 2, 3])
        self.assertEqual(self.numbers("timed", "--since", third, "--until", third), [3])

    def test_a_follower_loses_nothing_while_files_turn(self):
        self.remove_later("followed")
        self.run_skiff("run", "-d", "--name", "followed", "--log-opt", "max-size=20k", "--log-opt", "max-file=3", "--log-opt", "compress=true",
                       "busybox", "sh", "-c", "i=0; while [ $i -lt 4000 ]; do i=$((i+1)); echo $i; [ $((i % 100)) = 0 ] && sleep 0.02; done; true")
        self.assertEqual(self.numbers("followed", "-f"), list(range(1, 4001)))

    def test_a_long_line_comes_whole_and_is_kept_in_parts(self):
        self.remove_later("long")
        self.run_skiff("run", "--name", "long", "busybox", "sh", "-c", "dd if=/dev/zero bs=1000 count=40 2>/dev/null | tr '\\0' x; echo")
        self.assertEqual(self.run_skiff("logs", "long").out, "x" * 40000 + "\n")
        lines = self.run_skiff("logs", "-t", "long").out
        self.assertEqual(len(re.findall(r"\d{4}-\d\d-\d\dT", lines)), 3)


if __name__ == "__main__":
    import unittest
    unittest.main()
