"""Published ports on the host's IPv6 addresses, from outside."""

import contextlib
import hashlib
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import threading
import unittest

from engine import eventually
from fixtures import EngineTest
from test_networks import HAS_IPV6, free_port, get, served

RESET = struct.pack("ii", 1, 0)


def free_ports(count):
    """Ports free in both families; test_networks' are free over IPv4."""
    ports = set()
    while len(ports) < count:
        port = free_port()
        with contextlib.suppress(OSError), holder(port):
            ports.add(port)
    return list(ports)


def holder(port, address="::"):
    """A listening IPv6 socket."""
    listener = socket.socket(socket.AF_INET6)
    try:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((address, port))
        listener.listen()
        return listener
    except OSError:
        listener.close()
        raise


def connect(port, timeout=10):
    return socket.create_connection(("::1", port), timeout)


def attempt(port):
    """A connection, or nothing where it is refused."""
    with contextlib.suppress(ConnectionRefusedError):
        return connect(port)


def is_refused(port):
    try:
        connect(port).close()
    except OSError as error:
        return isinstance(error, ConnectionRefusedError)
    return False


def answer(connection):
    """Everything until the other end."""
    received = bytearray()
    while chunk := connection.recv(1 << 16):
        received += chunk
    return bytes(received)


@unittest.skipUnless(HAS_IPV6, "this machine has no IPv6")
class IPv6(EngineTest):
    def start(self, name, *arguments):
        """Runs a container whose arguments begin with flags."""
        self.remove_later(name)
        return self.run_skiff("run", "-d", "--name", name, *arguments).out.strip()

    def echo(self, name, port, *flags):
        """A server that sends back what it gets, once it listens."""
        self.start(name, *flags, "-p", f"{port}:7000", "busybox", "nc", "-ll", "-p", "7000", "-e", "cat")
        eventually(lambda: not is_refused(port), 10, "the echo")

    def shim(self, name):
        """The process that holds the ports of a container."""
        shim = self.engine.inspect(name)[0]["State"]["Pid"]
        status = pathlib.Path(f"/proc/{shim}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("PPid:")))

    def test_both_addresses_are_shown_by_every_client(self):
        port = free_ports(1)[0]
        self.start("both", "-p", f"{port}:80", "-p", f"{port}:53/udp", "busybox", "httpd", "-f", "-p", "80", "-h", "/www")
        self.assertEqual(served(f"http://[::1]:{port}/"), "hello from busybox\n")
        self.assertEqual(get(f"http://127.0.0.1:{port}/"), "hello from busybox\n")
        shown = f"0.0.0.0:{port}->80/tcp, [::]:{port}->80/tcp"
        self.assertIn(shown, self.run_skiff("ps").out)
        self.assertIn(shown, self.engine.docker("ps").out)
        lines = [f"53/udp -> 0.0.0.0:{port}", f"53/udp -> [::]:{port}", f"80/tcp -> 0.0.0.0:{port}", f"80/tcp -> [::]:{port}"]
        for out in (self.run_skiff("port", "both").out, self.engine.docker("port", "both").out):
            self.assertEqual(sorted(out.splitlines()), lines)
        ports = self.engine.inspect("both")[0]["NetworkSettings"]["Ports"]
        both = [{"HostIp": "0.0.0.0", "HostPort": str(port)}, {"HostIp": "::", "HostPort": str(port)}]
        self.assertEqual(ports, {"80/tcp": both, "53/udp": both})
        listed = json.loads(self.run_skiff("ps", "--format", "json", "--filter", f"publish={port}").out)
        self.assertEqual(listed["Names"], "both")
        seen = subprocess.run(["lsof", "-nP", "-i", f"6:{port}"], stdout=subprocess.PIPE).stdout.decode()
        self.assertRegex(seen, rf"(?m)^skiff-shi .* IPv6 .* TCP \*:{port} \(LISTEN\)$")

    def test_clients_are_refused_until_a_server_listens_and_again_when_it_has_gone(self):
        port = free_ports(1)[0]
        self.start("late", "-p", f"{port}:80", "busybox", "sleep", "60")
        for _ in range(2):
            self.assertTrue(is_refused(port))
            self.run_skiff("exec", "late", "sh", "-c", "httpd -f -p 80 -h /www & echo $! > /tmp/server")
            self.assertEqual(served(f"http://[::1]:{port}/"), "hello from busybox\n")
            self.run_skiff("exec", "late", "sh", "-c", "kill $(cat /tmp/server)")
            # The first to come after it sees a reset at the latest.
            eventually(lambda: is_refused(port), 10, "the server's end")

    def test_whoever_reads_that_a_server_is_ready_reaches_it(self):
        for number in range(5):
            port = free_ports(1)[0]
            name = f"prompt-{number}"
            self.start(name, "-p", f"{port}:80", "busybox", "sh", "-c",
                       "sleep 0.6; httpd -p 80 -h /www; echo ready; exec sleep 60")
            with self.engine.begin("logs", "-f", name) as client:
                self.assertEqual(client.stdout.readline(), b"ready\n")
                client.kill()
            self.assertEqual(get(f"http://[::1]:{port}/"), "hello from busybox\n")

    def test_addresses_that_somebody_names_are_the_only_ones(self):
        four, six, all_six = free_ports(3)
        serve = ("busybox", "httpd", "-f", "-p", "80", "-h", "/www")
        self.start("four", "-p", f"127.0.0.1:{four}:80", *serve)
        self.start("six", "-p", f"[::1]:{six}:80", *serve)
        self.start("all-six", "-p", f"[::]:{all_six}:80", *serve)
        self.assertEqual(served(f"http://127.0.0.1:{four}/"), "hello from busybox\n")
        self.assertTrue(is_refused(four))
        for port in (six, all_six):
            self.assertEqual(served(f"http://[::1]:{port}/"), "hello from busybox\n")
            with self.assertRaises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), 5)
        # One that the kernel chooses stays the same.
        self.start("any-six", "-p", "[::1]::80", *serve)
        chosen = self.run_skiff("port", "any-six", "80").out.strip()
        self.assertEqual(served(f"http://{chosen}/"), "hello from busybox\n")
        self.assertEqual(self.run_skiff("port", "six").out, f"80/tcp -> [::1]:{six}\n")
        self.assertIn(f" [::]:{all_six}->80/tcp ", self.run_skiff("ps", "--filter", "name=all-six").out)

    def test_a_port_that_is_taken_in_one_family_is_given_in_neither(self):
        port = free_ports(1)[0]
        with holder(port):
            self.remove_later("blocked6")
            error = self.fails(125, "run", "-d", "--name", "blocked6", "-p", f"{port}:80", "busybox", "sleep", "60").err
            self.assertIn(f"listen tcp6 [::]:{port}: bind: address already in use", error)
            with socket.socket() as other:
                other.bind(("0.0.0.0", port))
        self.start("owner6", "-p", f"[::1]:{port}:80", "busybox", "sleep", "60")
        self.remove_later("second6")
        error = self.fails(125, "run", "-d", "--name", "second6", "-p", f"{port}:80", "busybox", "sleep", "60").err
        self.assertIn(f"Bind for :::{port} failed: port is already allocated", error)
        self.start("beside6", "-p", f"0.0.0.0:{port}:80", "busybox", "sleep", "60")
        # Nobody else gets it, whether or not a server listens in the container.
        for reuse in (0, 1):
            with socket.socket(socket.AF_INET6) as other, self.assertRaises(OSError):
                other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
                other.bind(("::1", port))

    def test_connections_that_linger_do_not_keep_the_port_from_the_next_container(self):
        port = free_ports(1)[0]
        for number in range(3):
            self.echo(f"lingering-{number}", port)
            with connect(port) as idle, connect(port) as ended:
                idle.sendall(b"x")
                self.assertEqual(idle.recv(1), b"x")
                ended.shutdown(socket.SHUT_WR)
                self.assertEqual(answer(ended), b"")
                self.run_skiff("rm", "-f", f"lingering-{number}")

    def test_much_passes_both_ways_and_each_end_by_itself(self):
        port = free_ports(1)[0]
        self.echo("echo6", port)
        sent = os.urandom(4_000_000)
        with connect(port) as connection:
            received = []
            reader = threading.Thread(target=lambda: received.append(answer(connection)))
            reader.start()
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            reader.join(30)
        self.assertEqual(hashlib.sha256(received[0]).hexdigest(), hashlib.sha256(sent).hexdigest())

    def inside(self, name, script):
        """A Python program in the network of a container."""
        pid = self.engine.inspect(name)[0]["State"]["Pid"]
        program = subprocess.Popen(["nsenter", "-t", str(pid), "-n", sys.executable, "-c", script], stdout=subprocess.PIPE)
        self.addCleanup(program.communicate)
        self.addCleanup(program.kill)
        return program

    def test_the_servers_end_is_passed_on_by_itself(self):
        port = free_ports(1)[0]
        self.start("talker", "-p", f"{port}:80", "busybox", "sleep", "60")
        server = self.inside("talker", "import socket as s; a = s.create_server(('', 80)).accept()[0]; a.sendall(b'hello');"
                             "a.shutdown(s.SHUT_WR); print(b''.join(iter(lambda: a.recv(99), b'')).decode())")
        connection = eventually(lambda: attempt(port), 10, "the server")
        with connection:
            self.assertEqual(answer(connection), b"hello")
            connection.sendall(b"and more")
            connection.shutdown(socket.SHUT_WR)
            self.assertEqual(server.stdout.read(), b"and more\n")

    def test_connections_end_without_a_trace_also_by_reset(self):
        port = free_ports(1)[0]
        self.echo("echo6", port)
        shim = pathlib.Path(f"/proc/{self.shim('echo6')}/fd")
        before = len(os.listdir(shim))
        for ends_by_reset in (False, True):
            connections = [connect(port) for _ in range(50)]
            for number, connection in enumerate(connections):
                connection.sendall(b"%d\n" % number)
                self.assertEqual(connection.recv(100), b"%d\n" % number)
            self.assertGreaterEqual(len(os.listdir(shim)), before + 100)
            for connection in connections:
                if ends_by_reset:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                connection.close()
            spare_pipes = 8 * 2
            eventually(lambda: len(os.listdir(shim)) <= before + spare_pipes, 10, "the end of all connections")
            header_and_server = 2
            eventually(lambda: len(self.run_skiff("top", "echo6").out.splitlines()) == header_and_server, 10, "the end inside")

    def test_it_goes_on_without_the_engine_and_across_restarts(self):
        port = free_ports(1)[0]
        self.start("steady", "--restart", "always", "-p", f"{port}:80", "busybox", "httpd", "-f", "-p", "80", "-h", "/www")
        url = f"http://[::1]:{port}/"
        self.assertEqual(served(url), "hello from busybox\n")
        self.engine.kill()
        try:
            self.assertEqual(get(url), "hello from busybox\n")
        finally:
            self.engine.start()
        self.assertEqual(get(url), "hello from busybox\n")
        self.assertIn(f"[::]:{port}->80/tcp", self.run_skiff("ps").out)
        self.run_skiff("restart", "-t", "1", "steady")
        self.assertEqual(served(url), "hello from busybox\n")
        # It dies, and its policy brings it back.
        pid = self.engine.inspect("steady")[0]["State"]["Pid"]
        os.kill(pid, 9)
        eventually(lambda: self.engine.inspect("steady")[0]["State"]["Pid"] not in (0, pid), 10, "the restart")
        self.assertEqual(served(url), "hello from busybox\n")
        self.run_skiff("stop", "-t", "1", "steady")
        self.assertTrue(is_refused(port))

    def test_it_follows_the_container_to_another_network(self):
        port = free_ports(1)[0]
        self.run_skiff("network", "create", "elsewhere6")
        self.addCleanup(lambda: self.run_skiff("network", "rm", "elsewhere6", check=False))
        self.start("mover", "-p", f"{port}:80", "busybox", "httpd", "-f", "-p", "80", "-h", "/www")
        self.assertEqual(served(f"http://[::1]:{port}/"), "hello from busybox\n")
        self.run_skiff("network", "connect", "elsewhere6", "mover")
        self.run_skiff("network", "disconnect", "bridge", "mover")
        self.assertEqual(get(f"http://[::1]:{port}/"), "hello from busybox\n")

    def test_datagrams_find_their_way_back_to_each_client(self):
        wide, narrow = free_ports(2)
        self.start("datagrams", "-p", f"{wide}:53/udp", "-p", f"[::1]:{narrow}:53/udp", "busybox", "sleep", "60")
        server = self.inside("datagrams", "import socket as s\na = s.socket(s.AF_INET, s.SOCK_DGRAM)\na.bind(('', 53))\n"
                             "print('up', flush=True)\nwhile 1: a.sendto(*a.recvfrom(65535))")
        self.assertEqual(server.stdout.readline(), b"up\n")
        for port in (wide, narrow):
            clients = [socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) for _ in range(3)]
            for client in clients:
                self.addCleanup(client.close)
                client.settimeout(10)
                client.connect(("::1", port))
            for number, client in enumerate(clients):
                client.send(b"%d" % number * 10_000)
            for number, client in enumerate(clients):
                self.assertEqual(client.recv(65535), b"%d" % number * 10_000)


if __name__ == "__main__":
    unittest.main(verbosity=2)
