"""The name server that a shim keeps inside its container's network namespace."""

import errno
import json
import os
import socket
import struct
import subprocess
import threading
import unittest

from engine import eventually
from fixtures import EngineTest
from shim import Shim

A, PTR, MX, AAAA = 1, 12, 15, 28

ASK = r"""
import json, socket, struct, sys
for transport, message in json.loads(sys.argv[1]):
    message = bytes.fromhex(message)
    try:
        if transport == "udp":
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(5)
            s.sendto(message, ("127.0.0.11", 53)); answer = s.recv(65535)
        else:
            s = socket.create_connection(("127.0.0.11", 53), 5)
            s.sendall(struct.pack(">H", len(message)) + message)
            length = struct.unpack(">H", s.recv(2, socket.MSG_WAITALL))[0]; answer = s.recv(length, socket.MSG_WAITALL)
        print(answer.hex())
    except OSError as error:
        print("-" + str(error))
"""


def question(name, kind, identifier=77):
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split(".") if part)
    return struct.pack(">HHHHHH", identifier, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", kind, 1)


class Answer:
    """The code and the data of the records of an answer whose names are pointers."""

    def __init__(self, message):
        self.id, flags, _, count, _, _ = struct.unpack(">HHHHHH", message[:12])
        self.code, self.truncated, self.records = flags & 15, bool(flags & 0x200), []
        at = message.index(b"\0", 12) + 5 if len(message) > 12 else 0
        for _ in range(count):
            kind, _, _, length = struct.unpack(">HHIH", message[at + 2:at + 12])
            data = message[at + 12:at + 12 + length]
            self.records.append(socket.inet_ntop(socket.AF_INET if length == 4 else socket.AF_INET6, data)
                                if kind in (A, AAAA) else data)
            at += 12 + length


class Upstream:
    """A name server that knows every name as 9.9.9.9, and over UDP only short of them all."""

    def __init__(self, mute=False, code=0):
        self.mute, self.code, self.asked = mute, code, []
        self.open()
        threading.Thread(target=self.serve_udp, daemon=True).start()
        threading.Thread(target=self.serve_tcp, daemon=True).start()

    def open(self):
        """Both on one port, which the other protocol's sockets may have: then on another one."""
        while True:
            self.tcp = socket.create_server(("127.0.0.1", 0))
            self.port = self.tcp.getsockname()[1]
            self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                return self.udp.bind(("127.0.0.1", self.port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                self.udp.close()
                self.tcp.close()

    def answer(self, message, flags):
        self.asked.append(message)
        head = message[:2] + struct.pack(">HHHHH", flags | self.code, 1, 1, 0, 0)
        return head + message[12:] + b"\xc0\x0c\0\x01\0\x01\0\0\0\x05\0\x04\x09\x09\x09\x09"

    def serve_udp(self):
        while True:
            message, sender = self.udp.recvfrom(65535)
            if self.mute:
                self.asked.append(message)
                continue
            flags = 0x8380 if b"long" in message else 0x8180
            # First an answer that nobody asked for.
            self.udp.sendto(b"\0\0" + self.answer(message, flags)[2:], sender)
            self.udp.sendto(self.answer(message, flags), sender)

    def serve_tcp(self):
        while True:
            connection, _ = self.tcp.accept()
            length, = struct.unpack(">H", connection.recv(2, socket.MSG_WAITALL))
            answer = self.answer(connection.recv(length, socket.MSG_WAITALL), 0x8180)
            connection.sendall(struct.pack(">H", len(answer)) + answer)
            connection.close()


class NameTests(unittest.TestCase):
    def box(self, records, configuration="", served=True):
        shim = Shim(["sleep", "1000"])
        self.namespace = f"/run/netns/{shim.id}"
        subprocess.run(["ip", "netns", "add", shim.id], check=True)
        self.addCleanup(subprocess.run, ["ip", "netns", "delete", shim.id])
        self.addCleanup(shim.close)
        subprocess.run(["ip", "-n", shim.id, "link", "set", "lo", "up"], check=True)
        self.records = shim.directory / "names"
        self.records.write_text(records)
        file = shim.directory / "c.dns"
        file.write_text(f"network {self.records}\noption ndots:0\n{configuration}")
        self.file = file
        shim.spec.update(networkNamespace=self.namespace, **({"dnsFile": str(file)} if served else {}))
        for namespace in shim.config["linux"]["namespaces"]:
            if namespace["type"] == "network":
                namespace["path"] = self.namespace
        shim.launch()
        shim.ask("start")
        return shim

    def ask(self, *questions):
        done = subprocess.run(
            ["nsenter", f"--net={self.namespace}", "python3", "-c", ASK,
             json.dumps([(transport, message.hex()) for transport, message in questions])],
            stdout=subprocess.PIPE, check=True)
        return [None if line.startswith("-") else Answer(bytes.fromhex(line))
                for line in done.stdout.decode().splitlines()]

    def test_names_of_the_network_are_known_to_the_container(self):
        shim = self.box("web 172.30.0.2\nweb 172.30.0.3\nweb 172.30.0.4\ndb 172.30.0.9\ndb fd00::9\n")
        answers = self.ask(*[("udp", question("WeB", A))] * 6)
        self.assertTrue(all(sorted(a.records) == ["172.30.0.2", "172.30.0.3", "172.30.0.4"] for a in answers))
        self.assertEqual(len({a.records[0] for a in answers}), 3)
        a, aaaa, none, mx, reverse, tcp = self.ask(
            ("udp", question("db", A)), ("udp", question("db", AAAA)), ("udp", question("web", AAAA)),
            ("udp", question("db", MX)), ("udp", question("9.0.30.172.in-addr.arpa", PTR)), ("tcp", question("db", A)))
        self.assertEqual((a.records, aaaa.records, tcp.records), (["172.30.0.9"], ["fd00::9"], ["172.30.0.9"]))
        self.assertEqual([(none.code, none.records), (mx.code, mx.records)], [(0, []), (0, [])])
        self.assertEqual(reverse.records, [b"\x02db\0"])
        inside = shim.exec(["nslookup", "db", "127.0.0.11"]).collect()[0].decode()
        self.assertIn("172.30.0.9", inside)

    def test_a_name_server_of_the_container_may_have_port_53(self):
        self.box("web 172.30.0.2\n")
        script = ("import socket\n"
                  "u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(('0.0.0.0', 53)); print('bound', flush=True)\n"
                  "t = socket.socket(); t.bind(('0.0.0.0', 53)); t.listen(); print('bound', flush=True)\n"
                  "while True:\n  m, a = u.recvfrom(512); u.sendto(b'mine ' + m, a)\n")
        own = subprocess.Popen(["nsenter", f"--net={self.namespace}", "python3", "-c", script], stdout=subprocess.PIPE)
        self.addCleanup(own.stdout.close)
        self.addCleanup(own.wait)
        self.addCleanup(own.kill)
        self.assertEqual([own.stdout.readline(), own.stdout.readline()], [b"bound\n"] * 2)
        answers = self.ask(("udp", question("web", A)), ("tcp", question("web", A)))
        self.assertEqual([a.records for a in answers], [["172.30.0.2"]] * 2)
        theirs = subprocess.run(
            ["nsenter", f"--net={self.namespace}", "python3", "-c",
             "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(5)\n"
             "s.sendto(b'hi', ('127.0.0.1', 53)); print(s.recv(512))"], stdout=subprocess.PIPE, check=True)
        self.assertEqual(theirs.stdout, b"b'mine hi'\n")

    def test_connections_of_the_container_are_not_tracked_for_the_name_server(self):
        self.box("web 172.30.0.2\n")
        self.ask(("tcp", question("web", A)), ("udp", question("web", A)))
        tracked = subprocess.run(["nsenter", f"--net={self.namespace}", "cat", "/proc/sys/net/netfilter/nf_conntrack_count"],
                                 stdout=subprocess.PIPE).stdout
        self.assertIn(tracked.strip(), (b"0", b""))

    def test_names_come_to_a_container_that_runs(self):
        shim = self.box("web 172.30.0.2\n", served=False)
        self.assertEqual(self.ask(("udp", question("web", A))), [None])
        for _ in range(2):
            shim.ask("serveNames", file=str(self.file))
        self.assertEqual(self.ask(("udp", question("web", A)))[0].records, ["172.30.0.2"])

    def test_changes_are_seen_at_once(self):
        self.box("web 172.30.0.2\n")
        self.assertEqual(self.ask(("udp", question("web", A)))[0].records, ["172.30.0.2"])
        aside = self.records.with_suffix(".new")
        aside.write_text("web 172.30.0.7\n")
        aside.rename(self.records)
        self.assertEqual(self.ask(("udp", question("web", A)))[0].records, ["172.30.0.7"])

    def test_other_names_come_from_the_upstream_of_the_host(self):
        upstream = Upstream()
        self.box("web 172.30.0.2\n", f"upstream 127.0.0.1 {upstream.port}\n")
        udp, long, tcp = self.ask(("udp", question("example.org", A)), ("udp", question("long.example.org", A)),
                                  ("tcp", question("long.example.org", A)))
        self.assertEqual([(a.id, a.records) for a in (udp, tcp)], [(77, ["9.9.9.9"])] * 2)
        self.assertTrue(long.truncated)
        self.assertTrue(all(message[:2] != struct.pack(">H", 77) for message in upstream.asked[:1]))

    def test_an_upstream_that_is_silent_or_fails_gives_way(self):
        silent, failing, good = Upstream(mute=True), Upstream(code=2), Upstream()
        self.box("", "".join(f"upstream 127.0.0.1 {u.port}\n" for u in (silent, failing, good)))
        answer, = self.ask(("udp", question("example.org", A)))
        self.assertEqual((answer.code, answer.records), (0, ["9.9.9.9"]))

    def test_without_an_upstream_the_answer_is_a_failure(self):
        self.box("web 172.30.0.2\n", "upstream 127.0.0.1 9\n")
        self.assertEqual([a.code for a in self.ask(("udp", question("x", A)), ("tcp", question("x", A)))], [2, 2])

    def test_nonsense_is_refused_or_ignored_and_the_server_lives(self):
        self.box("web 172.30.0.2\n")
        nonsense = [("udp", bytes([0, 5, 1, 0, 0, 2]) + bytes(6)), ("udp", os.urandom(200)), ("udp", b"\0" * 12)]
        self.ask(*[n for n in nonsense if n[1][2] & 0x80 == 0])
        self.assertEqual(self.ask(("udp", question("web", A)))[0].records, ["172.30.0.2"])

    def test_a_restart_keeps_the_name_server(self):
        shim = self.box("web 172.30.0.2\n")
        shim.ask("updateRestart", _0={"name": "always", "maximumRetries": 0})
        shim.ask("kill", signal=9, all=False, final=False)
        self.assertEqual(self.ask(("udp", question("web", A)))[0].records, ["172.30.0.2"])
        shim.events.until("exited")
        shim.events.until("started")
        self.assertEqual(self.ask(("udp", question("web", A)))[0].records, ["172.30.0.2"])
        eventually(lambda: shim.ask("state")["phase"] == "running", 5)


class EngineNames(EngineTest):
    def test_a_container_of_the_default_bridge_learns_names_when_it_joins_a_network(self):
        self.run_skiff("network", "create", "late-net")
        self.addCleanup(lambda: self.run_skiff("network", "rm", "late-net"))
        self.remove_later("late", "known")
        self.run_skiff("run", "-d", "--name", "known", "--network", "late-net", "busybox", "sleep", "1000")
        self.run_skiff("run", "-d", "--name", "late", "busybox", "sleep", "1000")
        self.assertNotIn("127.0.0.11", self.run_skiff("exec", "late", "cat", "/etc/resolv.conf").out)
        self.run_skiff("network", "connect", "late-net", "late")
        self.assertIn("127.0.0.11", self.run_skiff("exec", "late", "cat", "/etc/resolv.conf").out)
        self.assertEqual(self.run_skiff("exec", "late", "ping", "-c", "1", "-w", "5", "known", check=False).code, 0)
        self.assertEqual(self.run_skiff("exec", "known", "ping", "-c", "1", "-w", "5", "late", check=False).code, 0)
        self.engine.kill()
        self.engine.start()
        self.run_skiff("network", "disconnect", "late-net", "late")
        self.assertNotEqual(self.run_skiff("exec", "late", "ping", "-c", "1", "-w", "2", "known", check=False).code, 0)
        self.run_skiff("network", "connect", "late-net", "late")
        self.assertEqual(self.run_skiff("exec", "late", "ping", "-c", "1", "-w", "5", "known", check=False).code, 0)

    def test_a_resolver_file_that_the_user_has_changed_stays(self):
        self.run_skiff("network", "create", "own-net")
        self.addCleanup(lambda: self.run_skiff("network", "rm", "own-net"))
        self.remove_later("own")
        self.run_skiff("run", "-d", "--name", "own", "busybox", "sleep", "1000")
        self.run_skiff("exec", "own", "sh", "-c", "echo nameserver 192.0.2.1 > /etc/resolv.conf")
        self.run_skiff("network", "connect", "own-net", "own")
        self.assertEqual(self.run_skiff("exec", "own", "cat", "/etc/resolv.conf").out, "nameserver 192.0.2.1\n")


if __name__ == "__main__":
    unittest.main()
