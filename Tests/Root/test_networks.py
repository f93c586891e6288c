"""Networks, names and published ports, from outside."""

import json
import os
import random
import socket
import subprocess
import urllib.request

from engine import eventually
from fixtures import EngineTest


def has_ipv6():
    """Whether this machine can be reached at ::1."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
            return True
    except OSError:
        return False


HAS_IPV6 = has_ipv6()


def both(text):
    """What stands for a port of all IPv4 addresses, followed by the same for IPv6 where this machine has that."""
    return [text, text.replace("0.0.0.0", "[::]")] if HAS_IPV6 else [text]


def free_port():
    """A port that nobody has, below those that the kernel gives to connections while a test prepares."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("", port))
                return port
            except OSError:
                continue


def get(url, timeout=5):
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        return answer.read().decode()


def served(url):
    """What a server that may still be starting answers."""
    def answer():
        try:
            return get(url)
        except OSError:
            return None
    return eventually(answer, 10, url)


class Networks(EngineTest):
    def network(self, name, *arguments):
        self.run_skiff("network", "create", *arguments, name)
        self.addCleanup(lambda: self.run_skiff("network", "rm", name, check=False))

    def serve(self, name, *arguments, page="hello from busybox\n"):
        self.remove_later(name)
        return self.run_skiff("run", "-d", "--name", name, *arguments, "busybox", "sh", "-c",
                              f"printf '{page}' > /www/index.html; exec httpd -f -p 80 -h /www").out.strip()

    def test_the_predefined_networks_are_there(self):
        out = self.run_skiff("network", "ls", "--format", "{{.Name}} {{.Driver}}").out.splitlines()
        self.assertEqual(sorted(out), ["bridge bridge", "host host", "none null"])

    def test_containers_find_each_other_by_name_and_alias(self):
        self.network("names")
        self.serve("page", "--network", "names", "--network-alias", "www")
        for name in ("page", "www"):
            out = self.run_skiff("run", "--rm", "--network", "names", "busybox", "wget", "-q", "-O", "-", f"http://{name}/").out
            self.assertEqual(out, "hello from busybox\n")

    def test_an_alias_of_several_containers_answers_with_all_addresses(self):
        self.network("many")
        for number in range(3):
            self.serve(f"many-{number}", "--network", "many", "--network-alias", "all")
        out = self.run_skiff("run", "--rm", "--network", "many", "busybox", "nslookup", "-type=a", "all", "127.0.0.11").out
        addresses = {c["NetworkSettings"]["Networks"]["many"]["IPAddress"] for c in self.engine.inspect("many-0", "many-1", "many-2")}
        self.assertEqual(len(addresses), 3)
        for address in addresses:
            self.assertIn(address, out)

    def test_names_do_not_cross_networks(self):
        self.network("left")
        self.network("right")
        self.serve("lefty", "--network", "left")
        self.fails(1, "run", "--rm", "--network", "right", "busybox", "nslookup", "lefty", "127.0.0.11")

    def test_a_published_port_answers_on_localhost_and_from_containers(self):
        port = free_port()
        self.serve("shop", "-p", f"{port}:80", page="shop\n")
        self.assertEqual(served(f"http://127.0.0.1:{port}/"), "shop\n")
        self.assertEqual(self.run_skiff("port", "shop").out.splitlines(), both(f"80/tcp -> 0.0.0.0:{port}"))
        self.assertIn(" " + ", ".join(both(f"0.0.0.0:{port}->80/tcp")) + " ", self.run_skiff("ps").out)
        gateway = self.engine.inspect("shop")[0]["NetworkSettings"]["Gateway"]
        self.network("elsewhere")
        out = self.run_skiff("run", "--rm", "--network", "elsewhere", "busybox", "wget", "-q", "-O", "-",
                             f"http://{gateway}:{port}/").out
        self.assertEqual(out, "shop\n")

    def test_a_port_that_nobody_chose_is_free_and_told(self):
        self.serve("lucky", "-p", "80")
        lines = self.run_skiff("port", "lucky", "80").out.splitlines()
        port = lines[0].rsplit(":", 1)[1]
        self.assertEqual(lines, both(f"0.0.0.0:{port}"))
        self.assertEqual(served(f"http://127.0.0.1:{port}/"), "hello from busybox\n")

    def test_a_port_bound_to_an_address_answers_only_there(self):
        port = free_port()
        self.serve("narrow", "-p", f"127.0.0.1:{port}:80")
        self.assertEqual(served(f"http://127.0.0.1:{port}/"), "hello from busybox\n")
        self.assertIn(f"127.0.0.1:{port}->80/tcp", self.run_skiff("ps").out)

    def test_the_holder_of_a_port_is_seen_also_without_rules_and_engine(self):
        port = free_port()
        self.serve("seen", "-p", f"{port}:80", "-p", f"{port}:80/udp")
        shown = subprocess.run(["lsof", "-nP", "-i", f":{port}"], stdout=subprocess.PIPE).stdout.decode()
        self.assertRegex(shown, rf"(?m)^skiff-shi .* TCP \*:{port} \(LISTEN\)$")
        self.assertRegex(shown, rf"(?m)^skiff-shi .* UDP \*:{port} *$")
        self.engine.kill()
        try:
            self.assertEqual(served(f"http://127.0.0.1:{port}/"), "hello from busybox\n")
            with socket.socket() as other, self.assertRaises(OSError):
                other.bind(("0.0.0.0", port))
        finally:
            self.engine.start()

    def test_a_port_of_another_container_gives_125_and_leaves_nothing_running(self):
        port = free_port()
        self.serve("first", "-p", f"{port}:80")
        self.remove_later("second")
        error = self.fails(125, "run", "-d", "--name", "second", "-p", f"{port}:80", "busybox", "sleep", "60").err
        self.assertIn("port is already allocated: container first has it", error)
        self.assertEqual(self.engine.inspect("second")[0]["State"]["Status"], "created")

    def test_a_port_of_the_host_gives_125(self):
        with socket.socket() as holder:
            holder.bind(("0.0.0.0", 0))
            holder.listen()
            port = holder.getsockname()[1]
            self.remove_later("blocked")
            error = self.fails(125, "run", "-d", "--name", "blocked", "-p", f"{port}:80", "busybox", "sleep", "60").err
            self.assertRegex(error, rf"address already in use: \S+ \(pid {os.getpid()}\) has it")

    def test_a_network_in_use_cannot_be_removed(self):
        self.network("used")
        self.serve("user", "--network", "used")
        self.assertIn("has active endpoints", self.fails(1, "network", "rm", "used").err)

    def test_inspect_shows_subnet_gateway_and_containers(self):
        self.network("seen", "--subnet", "10.211.7.0/24", "--gateway", "10.211.7.1")
        self.serve("inside", "--network", "seen", "--ip", "10.211.7.77")
        data = json.loads(self.run_skiff("network", "inspect", "seen").out)[0]
        self.assertEqual(data["IPAM"]["Config"][0]["Subnet"], "10.211.7.0/24")
        self.assertEqual([c["IPv4Address"] for c in data["Containers"].values()], ["10.211.7.77/24"])

    def test_connect_and_disconnect_while_running(self):
        self.network("later")
        self.serve("mobile")
        self.run_skiff("network", "connect", "later", "mobile")
        out = self.run_skiff("run", "--rm", "--network", "later", "busybox", "wget", "-q", "-O", "-", "http://mobile/").out
        self.assertEqual(out, "hello from busybox\n")
        self.run_skiff("network", "disconnect", "later", "mobile")
        self.assertNotIn("later", self.engine.inspect("mobile")[0]["NetworkSettings"]["Networks"])

    def test_host_and_none_and_container_networks(self):
        ours = set(socket.if_nameindex()[i][1] for i in range(len(socket.if_nameindex())))
        out = self.run_skiff("run", "--rm", "--network", "host", "busybox", "ls", "/sys/class/net").out.split()
        self.assertIn("lo", out)
        self.assertTrue(ours & set(out) - {"lo"} or ours == {"lo"})
        self.assertEqual(self.run_skiff("run", "--rm", "--network", "none", "busybox", "ls", "/sys/class/net").out.split(), ["lo"])
        self.serve("shared")
        out = self.run_skiff("run", "--rm", "--network", "container:shared", "busybox", "wget", "-q", "-O", "-", "http://127.0.0.1/").out
        self.assertEqual(out, "hello from busybox\n")

    def test_an_unknown_network_gives_125(self):
        self.assertIn("network nowhere not found", self.fails(125, "run", "--rm", "--network", "nowhere", "busybox", "true").err)
