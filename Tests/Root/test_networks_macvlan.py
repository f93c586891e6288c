"""Networks that share a link of the host, from outside."""

import json
import subprocess
import unittest

from fixtures import EngineTest
from test_networks import HAS_IPV6, served
from test_networks_ipv6 import free_ports

SPACE = LINK = "skiff-mv"


def ip(*words, check=True):
    subprocess.run(["ip", *words], check=check, stdout=subprocess.DEVNULL, stderr=None if check else subprocess.DEVNULL)


class Macvlan(EngineTest):
    def setUp(self):
        # A wire of the host, with somebody at its other end.
        self.addCleanup(lambda: ip("netns", "del", SPACE, check=False))
        # The link goes at once; its namespace may take a while.
        self.addCleanup(lambda: ip("link", "del", LINK, check=False))
        ip("netns", "add", SPACE)
        ip("link", "add", LINK, "type", "veth", "peer", "name", "eth0", "netns", SPACE)
        ip("link", "set", LINK, "up")
        for address in ("10.217.3.1/24", "fd00:6:1::1/64"):
            ip("-n", SPACE, "addr", "add", address, "dev", "eth0", *(["nodad"] if ":" in address else []))
        ip("-n", SPACE, "link", "set", "eth0", "up")

    def network(self, *arguments):
        self.addCleanup(lambda: self.run_skiff("network", "rm", "wire", check=False))
        self.run_skiff("network", "create", "-d", "macvlan", "-o", f"parent={LINK}", *arguments, "wire")

    def start(self, name, *arguments):
        self.remove_later(name)
        self.run_skiff("run", "-d", "--name", name, "--network", "wire", *arguments, "busybox", "httpd", "-f", "-p", "[::]:80", "-h", "/www")
        return self.engine.inspect(name)[0]["NetworkSettings"]["Networks"]["wire"]

    def page(self, name, url):
        return self.run_skiff("exec", name, "busybox", "timeout", "5", "wget", "-q", "-O", "-", url, check=False).out

    def test_containers_are_on_the_hosts_wire_with_addresses_of_their_own(self):
        self.network("--ipv6", "--subnet", "10.217.3.0/24", "--gateway", "10.217.3.1", "--ip-range", "10.217.3.128/25",
                     "--subnet", "fd00:6:1::/64", "--gateway", "fd00:6:1::1")
        first, second = self.start("wire-a", "-p", "80"), self.start("wire-b")
        self.assertEqual((first["IPAddress"], first["Gateway"], first["GlobalIPv6Address"]), ("10.217.3.128", "10.217.3.1", "fd00:6:1::2"))
        self.assertEqual(self.run_skiff("port", "wire-a").out, "")
        for host in ("wire-a", first["IPAddress"], f"[{first['GlobalIPv6Address']}]"):
            self.assertEqual(self.page("wire-b", f"http://{host}/"), "hello from busybox\n", host)
        for address in (second["IPAddress"], second["GlobalIPv6Address"]):
            ip("netns", "exec", SPACE, "busybox", "ping", "-c1", "-W5", address)
        routes = self.run_skiff("exec", "wire-a", "ip", "route").out + self.run_skiff("exec", "wire-a", "ip", "-6", "route").out
        for gateway in ("10.217.3.1", "fd00:6:1::1"):
            self.assertIn(f"default via {gateway} dev eth0", routes)
        # Nothing of it stands on the host, and another engine leaves it as it is.
        self.engine.kill()
        self.engine.start()
        self.assertEqual(self.page("wire-b", "http://wire-a/"), "hello from busybox\n")
        self.run_skiff("network", "disconnect", "wire", "wire-a")
        self.assertNotIn("eth0", self.run_skiff("exec", "wire-a", "ip", "addr").out)
        self.run_skiff("network", "connect", "--ip", "10.217.3.77", "wire", "wire-a")
        self.assertEqual(self.page("wire-b", "http://10.217.3.77/"), "hello from busybox\n")
        self.run_skiff("restart", "-t", "1", "wire-a")
        self.run_skiff("rm", "-f", "wire-a", "wire-b")
        self.run_skiff("network", "rm", "wire")
        ip("link", "show", LINK)

    def test_the_mode_says_whether_neighbours_see_each_other(self):
        self.network("--subnet", "10.217.3.0/24", "-o", "macvlan_mode=private")
        first = self.start("apart-a")
        self.start("apart-b")
        self.assertEqual(self.page("apart-b", f"http://{first['IPAddress']}/"), "")
        told = json.loads(self.run_skiff("network", "inspect", "wire").out)[0]
        self.assertEqual((told["Driver"], told["Options"]), ("macvlan", {"parent": LINK, "macvlan_mode": "private"}))

    def test_a_link_is_free_for_the_next_container_at_once(self):
        for mode in ("passthru", "bridge"):
            self.network("--subnet", "10.217.3.0/24", "-o", f"macvlan_mode={mode}")
            self.start("turn-a")
            for _ in range(5):
                self.run_skiff("restart", "-t", "0", "turn-a")
            self.run_skiff("rm", "-f", "turn-a")
            # Under another name, and with another address: but only one at a time has a link in this mode.
            self.start("turn-b", "--ip", "10.217.3.9")
            self.run_skiff("rm", "-f", "turn-b")
            self.run_skiff("network", "rm", "wire")

    def test_what_cannot_be_shared_is_refused(self):
        for options, words in [
                (["parent=nolink0"], "the requested parent interface nolink0 was not found"),
                (["parent=lo"], "loopback interface is not a valid macvlan parent link"),
                ([f"parent={LINK}", "macvlan_mode=odd"], "requested macvlan mode 'odd' is not valid"),
                ([], "a macvlan network needs the host's link that it shares: -o parent=eth0")]:
            flags = [word for option in options for word in ("-o", option)]
            self.assertIn(words, self.fails(1, "network", "create", "-d", "macvlan", *flags, "wire").err)
        self.assertNotIn("wire", self.run_skiff("network", "ls").out)

    @unittest.skipUnless(HAS_IPV6, "this machine has no IPv6")
    def test_a_server_on_the_bridges_address_alone_is_found_also_where_another_link_leads_out(self):
        self.network("--subnet", "10.217.3.0/24", "--gateway", "10.217.3.1")
        self.addCleanup(lambda: self.run_skiff("network", "rm", "shore", check=False))
        self.run_skiff("network", "create", "--subnet", "10.217.4.0/24", "shore")
        port = free_ports(1)[0]
        self.remove_later("both")
        self.run_skiff("create", "--name", "both", "--network", "shore", "--ip", "10.217.4.9", "-p", f"{port}:80",
                       "busybox", "httpd", "-f", "-p", "10.217.4.9:80", "-h", "/www")
        self.run_skiff("network", "connect", "--gw-priority", "1", "wire", "both")
        self.run_skiff("start", "both")
        self.assertIn("default via 10.217.3.1", self.run_skiff("exec", "both", "ip", "route").out)
        self.assertEqual(served(f"http://[::1]:{port}/"), "hello from busybox\n")
