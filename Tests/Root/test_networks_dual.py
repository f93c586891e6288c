"""IPv6 inside networks, from outside: addresses, names, routes, ports, isolation."""

import ipaddress
import json
import random
import subprocess
import unittest

from engine import Engine
from fixtures import EngineTest, busybox_tar
from test_networks import HAS_IPV6, served
from test_networks_ipv6 import free_ports

# Tests of several engines may run side by side.
V4 = f"10.213.{random.randrange(256)}"
HTTPD = ("busybox", "httpd", "-f", "-p", "[::]:80", "-h", "/www")


@unittest.skipUnless(HAS_IPV6, "this machine has no IPv6")
class DualNetworks(EngineTest):
    def network(self, name, *arguments, check=True):
        self.addCleanup(lambda: self.run_skiff("network", "rm", name, check=False))
        return self.run_skiff("network", "create", *arguments, name, check=check)

    def start(self, name, *arguments):
        """Runs a container whose arguments begin with flags."""
        self.remove_later(name)
        return self.run_skiff("run", "-d", "--name", name, *arguments).out.strip()

    def inside(self, name, *command, **options):
        return self.run_skiff("exec", name, *command, **options).out

    def settings(self, name, network):
        return self.engine.inspect(name)[0]["NetworkSettings"]["Networks"][network]

    def subnets(self, network):
        told = json.loads(self.run_skiff("network", "inspect", network).out)[0]
        return told, [entry["Subnet"] for entry in told["IPAM"]["Config"]]

    def page(self, name, url):
        return self.inside(name, "busybox", "timeout", "4", "wget", "-q", "-O", "-", url, check=False)

    def rules_with(self, text):
        """The table of IPv6 rules in which a text stands."""
        tables = subprocess.run(["nft", "list", "tables", "ip6"], stdout=subprocess.PIPE, check=True).stdout.decode()
        for name in [line.split()[2] for line in tables.splitlines()]:
            listing = subprocess.run(["nft", "list", "table", "ip6", name], stdout=subprocess.PIPE).stdout.decode()
            if text in listing:
                return name
        self.fail(f"no rules with {text}")

    def test_two_containers_reach_each_other_by_name_over_ipv6(self):
        self.network("dual", "--ipv6", "--subnet", "fd00:5:1::/64")
        self.start("server6", "--network", "dual", "--network-alias", "www", *HTTPD)
        self.start("client6", "--network", "dual", "busybox", "sleep", "60")
        server, client = self.settings("server6", "dual"), self.settings("client6", "dual")
        self.assertEqual(
            (server["GlobalIPv6Address"], server["GlobalIPv6PrefixLen"], server["IPv6Gateway"]),
            ("fd00:5:1::2", 64, "fd00:5:1::1"))
        self.assertEqual(client["GlobalIPv6Address"], "fd00:5:1::3")
        self.assertEqual(self.page("client6", "http://[fd00:5:1::2]/"), "hello from busybox\n")
        for name in ("server6", "www"):
            answer = self.inside("client6", "nslookup", "-type=aaaa", name, "127.0.0.11")
            self.assertIn("fd00:5:1::2", answer)
        # Without an IPv4 address of that name the client has one way only.
        self.assertIn("server6", self.inside("client6", "nslookup", "fd00:5:1::2", "127.0.0.11"))
        hosts = self.inside("client6", "cat", "/etc/hosts")
        self.assertRegex(hosts, r"(?m)^fd00:5:1::3\t[0-9a-f]{12}$")
        self.assertRegex(hosts, r"(?m)^::1\tlocalhost ")
        routes = self.inside("client6", "ip", "-6", "route")
        self.assertRegex(routes, r"(?m)^default via fd00:5:1::1 dev eth0")
        self.assertIn(" 0% packet loss", self.inside("client6", "ping", "-6", "-c1", "-W5", "fd00:5:1::1"))
        told, subnets = self.subnets("dual")
        self.assertTrue(told["EnableIPv6"] and told["EnableIPv4"])
        self.assertIn("fd00:5:1::/64", subnets)
        self.assertEqual(
            {entry["IPv6Address"] for entry in told["Containers"].values()}, {"fd00:5:1::2/64", "fd00:5:1::3/64"})

    def test_a_servers_address_can_be_used_at_once(self):
        self.network("prompt6", "--ipv6", "--subnet", "fd00:5:2::/64")
        out = self.run_skiff("run", "--rm", "--network", "prompt6", "busybox", "ip", "-6", "addr", "show", "eth0").out
        self.assertIn("fd00:5:2::2/64", out)
        self.assertNotIn("tentative", out)

    def test_who_names_no_subnet_gets_one_of_the_engines_own(self):
        found = []
        for name in ("own6", "other6"):
            self.network(name, "--ipv6")
            told, subnets = self.subnets(name)
            self.assertEqual([ipaddress.ip_network(subnet).version for subnet in subnets], [4, 6])
            found.append(ipaddress.ip_network(subnets[1]))
        for subnet in found:
            self.assertTrue(subnet.subnet_of(ipaddress.ip_network("fd00::/8")) and subnet.prefixlen == 64)
        self.assertEqual(*(subnet.supernet(new_prefix=48) for subnet in found))
        self.assertNotEqual(*found)

    def test_everything_of_both_families_is_taken_as_it_stands(self):
        self.network(
            "whole6", "--ipv6", "--subnet", f"{V4}.0/25", "--gateway", f"{V4}.9", "--subnet", "fd00:5:3::/64",
            "--gateway", "fd00:5:3::9", "--ip-range", "fd00:5:3::100/120", "--aux-address", "printer=fd00:5:3::101")
        told, _ = self.subnets("whole6")
        self.assertEqual(told["IPAM"]["Config"], [
            {"Subnet": f"{V4}.0/25", "Gateway": f"{V4}.9"},
            {"Subnet": "fd00:5:3::/64", "Gateway": "fd00:5:3::9", "IPRange": "fd00:5:3::100/120",
             "AuxiliaryAddresses": {"printer": "fd00:5:3::101"}}])
        self.start("whole-a", "--network", "whole6", "busybox", "sleep", "60")
        self.start("whole-b", "--network", "whole6", "busybox", "sleep", "60")
        self.start("whole-c", "--network", "whole6", "--ip6", "fd00:5:3::abcd", "busybox", "sleep", "60")
        addresses = [self.settings(name, "whole6")["GlobalIPv6Address"] for name in ("whole-a", "whole-b", "whole-c")]
        self.assertEqual(addresses, ["fd00:5:3::100", "fd00:5:3::102", "fd00:5:3::abcd"])
        self.remove_later("whole-d")
        for wish, words in [
                ("fd00:5:3::abcd", "Address already in use"), ("fd00:5:3::9", "Address already in use"),
                ("fd00:6::1", "no configured subnet contains IP address fd00:6::1")]:
            error = self.fails(125, "run", "-d", "--name", "whole-d", "--network", "whole6", "--ip6", wish, "busybox", "true").err
            self.assertIn(words, error)
            self.run_skiff("rm", "-f", "whole-d", check=False)
        self.network("auto6", "--ipv6")
        error = self.fails(125, "run", "--rm", "--network", "auto6", "--ip6", "fd00::5", "busybox", "true").err
        self.assertIn("supported only when connecting to networks with user configured subnets", error)

    def test_wrong_wishes_are_refused_by_name(self):
        for arguments, words in [
                (("--ipv6", "--subnet", "fd00:5:4::1/64"), "invalid subnet fd00:5:4::1/64: it should be fd00:5:4::/64"),
                (("--ipv6", "--subnet", "fd00:5:4::/64", "--subnet", "fd00:5:5::/64"), "doesn't support multiple subnets"),
                (("--ipv4=false",), "IPv4 or IPv6 must be enabled")]:
            self.assertIn(words, self.fails(1, "network", "create", *arguments, "wrong6").err)
        self.network("first6", "--ipv6", "--subnet", "fd00:5:4::/64")
        self.assertIn("Pool overlaps", self.fails(1, "network", "create", "--ipv6", "--subnet", "fd00:5:4::/80", "wrong6").err)
        out = self.network("left-out6", "--subnet", "fd00:5:6::/64")
        self.assertIn("subnet fd00:5:6::/64 was left out", out.err)
        told, subnets = self.subnets("left-out6")
        self.assertEqual((told["EnableIPv6"], len(subnets)), (False, 1))

    def test_networks_are_kept_apart_and_internal_ones_have_no_way_out(self):
        self.network("apart6", "--ipv6", "--subnet", "fd00:5:7::/64")
        self.network("beside6", "--ipv6", "--subnet", "fd00:5:8::/64")
        self.network("closed6", "--ipv6", "--internal", "--subnet", "fd00:5:9::/64")
        self.start("apart-server", "--network", "apart6", *HTTPD)
        self.start("closed-server", "--network", "closed6", *HTTPD)
        for name, network in (("near", "apart6"), ("far", "beside6"), ("shut", "closed6")):
            self.start(name, "--network", network, "busybox", "sleep", "60")
        url = "http://[fd00:5:7::2]/"
        self.assertEqual(self.page("near", url), "hello from busybox\n")
        self.assertEqual(self.page("shut", "http://[fd00:5:9::2]/"), "hello from busybox\n")
        self.assertNotIn("default", self.inside("shut", "ip", "-6", "route"))
        self.assertEqual(self.settings("shut", "closed6")["IPv6Gateway"], "")
        self.assertEqual(self.page("far", "http://[fd00:5:7::2]/"), "")
        # Also where it looks for a way by itself.
        self.run_skiff("run", "--rm", "--network", "container:shut", "--cap-add", "NET_ADMIN", "busybox",
                       "ip", "-6", "route", "add", "default", "via", "fd00:5:9::1")
        self.assertEqual(self.page("shut", url), "")

    def test_a_published_port_leads_to_the_containers_own_address(self):
        port, named = free_ports(2)
        self.network("shop6", "--ipv6", "--subnet", "fd00:5:a::/64")
        self.network("buyers6", "--ipv6", "--subnet", "fd00:5:b::/64")
        self.start("shop6", "--network", "shop6", "-p", f"{port}:80", "-p", f"[fd00:5:b::1]:{named}:80", *HTTPD)
        self.start("buyer6", "--network", "buyers6", "busybox", "sleep", "60")
        self.start("neighbour6", "--network", "shop6", "busybox", "sleep", "60")
        for url in (f"http://[::1]:{port}/", f"http://127.0.0.1:{port}/", f"http://[fd00:5:a::1]:{port}/",
                    f"http://[fd00:5:b::1]:{named}/"):
            self.assertEqual(served(url), "hello from busybox\n", url)
        for client in ("buyer6", "neighbour6", "shop6"):
            self.assertEqual(self.page(client, f"http://[fd00:5:b::1]:{port}/"), "hello from busybox\n", client)
        rules = subprocess.run(["nft", "list", "ruleset", "ip6"], stdout=subprocess.PIPE).stdout.decode()
        self.assertIn(f"tcp . {port} : fd00:5:a::2 . 80", rules)
        self.assertIn(f"fd00:5:b::1 . tcp . {named} : fd00:5:a::2 . 80", rules)

    def test_the_way_out_carries_the_hosts_address(self):
        self.network("out6", "--ipv6", "--subnet", "fd00:5:c::/64")
        self.start("out6", "--network", "out6", "busybox", "sleep", "60")
        # A neighbour of the host, in a namespace of its own.
        space, link = "skiff-out6", "skiff-out6"
        def ip(*words, check=True):
            subprocess.run(["ip", *words], check=check, stderr=None if check else subprocess.DEVNULL)
        self.addCleanup(lambda: ip("netns", "del", space, check=False))
        self.addCleanup(lambda: ip("link", "del", link, check=False))
        ip("netns", "add", space)
        ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", space)
        ip("addr", "add", "fd00:5:d::1/64", "dev", link, "nodad")
        ip("link", "set", link, "up")
        ip("-n", space, "addr", "add", "fd00:5:d::2/64", "dev", "eth0", "nodad")
        ip("-n", space, "link", "set", "eth0", "up")
        server = subprocess.Popen(
            ["ip", "netns", "exec", space, "python3", "-c",
             "import socket as s; l = s.create_server(('::', 80), family=s.AF_INET6); print('up', flush=True)\n"
             "while 1:\n c, who = l.accept(); c.sendall(who[0].encode()); c.close()"], stdout=subprocess.PIPE)
        self.addCleanup(server.communicate)
        self.addCleanup(server.kill)
        self.assertEqual(server.stdout.readline(), b"up\n")
        self.assertEqual(self.inside("out6", "nc", "-w", "5", "fd00:5:d::2", "80"), "fd00:5:d::1")
        # Nobody out there reaches a container that publishes nothing.
        ip("-n", space, "route", "add", "default", "via", "fd00:5:d::1")
        ping = ["ip", "netns", "exec", space, "busybox", "ping", "-6", "-c1", "-W1"]
        self.assertEqual(subprocess.run([*ping, "fd00:5:c::1"], stdout=subprocess.DEVNULL).returncode, 0)
        self.assertEqual(subprocess.run([*ping, "fd00:5:c::2"], stdout=subprocess.DEVNULL).returncode, 1)

    def test_connecting_and_disconnecting_move_routes_and_ports(self):
        port = free_ports(1)[0]
        self.network("here6", "--ipv6", "--subnet", "fd00:5:e::/64")
        self.start("mover6", "-p", f"{port}:80", *HTTPD)
        self.assertEqual(self.inside("mover6", "ip", "-6", "addr", "show", "eth0"), "")
        self.run_skiff("network", "connect", "--ip6", "fd00:5:e::77", "here6", "mover6")
        self.assertIn("via fd00:5:e::1 dev eth1", self.inside("mover6", "ip", "-6", "route"))
        self.assertEqual(served(f"http://[fd00:5:e::1]:{port}/"), "hello from busybox\n")
        self.run_skiff("network", "disconnect", "here6", "mover6")
        self.assertNotIn("default", self.inside("mover6", "ip", "-6", "route"))
        self.assertEqual(served(f"http://[::1]:{port}/"), "hello from busybox\n")

    def test_a_server_on_ipv6_alone_is_reached_at_the_hosts_loopback(self):
        port = free_ports(1)[0]
        self.network("six", "--ipv6", "--subnet", "fd00:5:13::/64")
        self.start("six", "--network", "six", "--ip6", "fd00:5:13::9", "-p", f"{port}:80",
                   "busybox", "httpd", "-f", "-p", "[fd00:5:13::9]:80", "-h", "/www")
        self.assertEqual(served(f"http://[::1]:{port}/"), "hello from busybox\n")

    def test_the_port_of_a_container_without_ipv4_follows_it_into_another_network(self):
        port = free_ports(1)[0]
        for number, name in enumerate(("before6", "after6")):
            self.network(name, "--ipv6", "--ipv4=false", "--subnet", f"fd00:5:{14 + number}::/64")
        self.start("nomad6", "--network", "before6", "-p", f"{port}:80", *HTTPD)
        self.assertEqual(served(f"http://[::1]:{port}/"), "hello from busybox\n")
        self.run_skiff("network", "connect", "after6", "nomad6")
        self.run_skiff("network", "disconnect", "before6", "nomad6")
        self.assertEqual(served(f"http://[::1]:{port}/"), "hello from busybox\n")

    def test_another_engine_finds_everything_again(self):
        port = free_ports(1)[0]
        self.network("steady6", "--ipv6")
        self.start("steady-a", "--network", "steady6", "-p", f"{port}:80", *HTTPD)
        self.start("steady-b", "--network", "steady6", "busybox", "sleep", "60")
        before = [self.settings(name, "steady6") for name in ("steady-a", "steady-b")]
        _, subnets = self.subnets("steady6")
        gateway = next(ipaddress.ip_network(subnet) for subnet in subnets if ":" in subnet)[1]
        url = f"http://[{gateway}]:{port}/"
        self.assertEqual(served(url), "hello from busybox\n")
        self.engine.kill()
        try:
            self.assertEqual(served(url), "hello from busybox\n")
            # Meanwhile somebody takes the rules away, and a container's link.
            table = self.rules_with(f"tcp . {port} :")
            subprocess.run(["nft", "delete", "table", "ip6", table], check=True)
            host_end = "veth" + before[1]["EndpointID"][:7]
            subprocess.run(["ip", "link", "del", host_end], check=True)
        finally:
            self.engine.start()
        self.assertEqual([self.settings(name, "steady6") for name in ("steady-a", "steady-b")], before)
        self.assertEqual(self.subnets("steady6")[1], subnets)
        self.assertEqual(served(url), "hello from busybox\n")
        self.assertEqual(self.page("steady-b", "http://[%s]/" % before[0]["GlobalIPv6Address"]), "hello from busybox\n")
        self.run_skiff("restart", "-t", "1", "steady-a")
        self.assertEqual(self.settings("steady-a", "steady6")["GlobalIPv6Address"], before[0]["GlobalIPv6Address"])
        self.assertEqual(served(url), "hello from busybox\n")

    def test_a_network_may_have_ipv6_alone(self):
        port = free_ports(1)[0]
        self.network("only6", "--ipv6", "--ipv4=false", "--subnet", "fd00:5:f::/64")
        told, subnets = self.subnets("only6")
        self.assertEqual((told["EnableIPv4"], told["EnableIPv6"], subnets), (False, True, ["fd00:5:f::/64"]))
        self.start("only-a", "--network", "only6", "-p", f"{port}:80", *HTTPD)
        self.start("only-b", "--network", "only6", "busybox", "sleep", "60")
        told = self.settings("only-a", "only6")
        self.assertEqual((told["IPAddress"], told["Gateway"], told["GlobalIPv6Address"]), ("", "", "fd00:5:f::2"))
        self.assertEqual(self.page("only-b", "http://only-a/"), "hello from busybox\n")
        for host in ("[::1]", "[fd00:5:f::1]"):
            self.assertEqual(served(f"http://{host}:{port}/"), "hello from busybox\n")
        self.assertEqual(self.run_skiff("port", "only-a").out, f"80/tcp -> [::]:{port}\n")
        error = self.fails(125, "run", "--rm", "--network", "only6", "-p", f"127.0.0.1:{port + 1}:80", "busybox", "true").err
        self.assertIn("the container has no IPv4 address", error)

    def test_a_container_may_do_without(self):
        self.network("without6", "--ipv6", "--subnet", "fd00:5:10::/64")
        self.start("without6", "--network", "without6", "--sysctl", "net.ipv6.conf.all.disable_ipv6=1", "busybox", "sleep", "60")
        self.assertEqual(self.settings("without6", "without6")["GlobalIPv6Address"], "")
        self.assertNotIn("::", self.inside("without6", "cat", "/etc/hosts"))
        self.assertEqual(self.inside("without6", "ip", "-6", "addr"), "")

    def test_the_docker_cli_makes_and_uses_such_networks(self):
        self.addCleanup(lambda: self.run_skiff("network", "rm", "docker6", check=False))
        self.engine.docker("network", "create", "--ipv6", "--subnet", "fd00:5:11::/64", "docker6")
        self.remove_later("docker-a")
        self.engine.docker("run", "-d", "--name", "docker-a", "--network", "docker6", "--ip6", "fd00:5:11::5", *HTTPD)
        out = self.engine.docker("run", "--rm", "--network", "docker6", "busybox", "wget", "-q", "-O", "-", "http://[fd00:5:11::5]/").out
        self.assertEqual(out, "hello from busybox\n")

    def test_compose_makes_and_uses_such_networks(self):
        project = self.write(self.engine.directory / "compose6", {"compose.yaml": f"""
services:
  web:
    image: busybox
    command: httpd -f -p [::]:80 -h /www
    networks: {{lan: {{ipv6_address: "fd00:5:12::80"}}}}
  client:
    image: busybox
    command: sleep 60
    networks: [lan]
networks:
  lan:
    enable_ipv6: true
    ipam:
      config:
        - subnet: {V4}.128/25
        - subnet: fd00:5:12::/64
          gateway: fd00:5:12::9
"""})
        self.addCleanup(lambda: self.run_skiff("compose", "down", "-t", "1", cwd=project))
        self.run_skiff("compose", "up", "-d", cwd=project)
        out = self.run_skiff("compose", "exec", "-T", "client", "nslookup", "-type=aaaa", "web", "127.0.0.11", cwd=project).out
        self.assertIn("fd00:5:12::80", out)
        out = self.run_skiff("compose", "exec", "-T", "client", "wget", "-q", "-O", "-", "http://[fd00:5:12::80]/", cwd=project).out
        self.assertEqual(out, "hello from busybox\n")
        routes = self.run_skiff("compose", "exec", "-T", "client", "ip", "-6", "route", cwd=project).out
        self.assertIn("default via fd00:5:12::9", routes)


@unittest.skipUnless(HAS_IPV6, "this machine has no IPv6")
class DualBridge(unittest.TestCase):
    def test_the_default_bridge_gets_ipv6_and_loses_it_again(self):
        engine = Engine("--ipv6", "--fixed-cidr-v6", "fd00:5:13::/64")
        self.addCleanup(engine.close)
        engine.start().run("import", "-", "busybox", input=busybox_tar())
        engine.run("run", "-d", "--name", "server", *HTTPD)
        told = engine.inspect("server")[0]["NetworkSettings"]
        self.assertEqual(
            (told["GlobalIPv6Address"], told["GlobalIPv6PrefixLen"], told["IPv6Gateway"]),
            ("fd00:5:13::2", 64, "fd00:5:13::1"))
        out = engine.run("run", "--rm", "busybox", "wget", "-q", "-O", "-", "http://[fd00:5:13::2]/").out
        self.assertEqual(out, "hello from busybox\n")
        error = engine.run("run", "--rm", "--ip6", "fd00:5:13::9", "busybox", "true", check=False).err
        self.assertIn("supported on user defined networks only", error)
        engine.run("rm", "-f", "server")
        engine.stop()
        engine.options = ()
        engine.start()
        bridge = json.loads(engine.run("network", "inspect", "bridge").out)[0]
        self.assertEqual((bridge["EnableIPv6"], len(bridge["IPAM"]["Config"])), (False, 1))
        self.assertNotIn("inet6", engine.run("run", "--rm", "busybox", "ip", "addr", "show", "eth0").out)


if __name__ == "__main__":
    unittest.main(verbosity=2)
