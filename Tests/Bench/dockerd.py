"""dockerd as the reference engine: a network namespace, a data root and a socket of its own, gone when it is closed."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Root"))

from engine import eventually, remove_tree  # noqa: E402


class Dockerd:
    """A reference engine in a network namespace of its own, with a way out through a veth pair."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="bench-dockerd-"))
        self.name = f"bench{os.getpid()}"
        # A network of this process's own: two of these may stand side by side.
        subnet = f"10.213.{os.getpid() % 256}"
        self.gateway, self.address = f"{subnet}.1", f"{subnet}.2"
        self.host = f"unix://{self.directory}/docker.sock"

    def start(self):
        def ip(*words):
            subprocess.run(["ip", *words], check=True)
        ip("netns", "add", self.name)
        ip("link", "add", f"{self.name}h", "type", "veth", "peer", "name", "eth0", "netns", self.name)
        ip("addr", "add", f"{self.gateway}/30", "dev", f"{self.name}h")
        ip("link", "set", f"{self.name}h", "up", "mtu", "1400")
        for words in (["addr", "add", f"{self.address}/30", "dev", "eth0"], ["link", "set", "eth0", "up", "mtu", "1400"], ["link", "set", "lo", "up"],
                      ["route", "add", "default", "via", self.gateway]):
            ip("-n", self.name, *words)
        subprocess.run(["sysctl", "-qw", "net.ipv4.ip_forward=1"], check=True)
        rules = (f"add table ip {self.name}\n"
                 f"add chain ip {self.name} post {{ type nat hook postrouting priority 100; }}\n"
                 f"add rule ip {self.name} post ip saddr {self.address} masquerade\n")
        subprocess.run(["nft", "-f", "-"], input=rules.encode(), check=True)
        log = open(self.directory / "log", "wb")
        # nsenter --net keeps /sys as it is: `ip netns exec` would hide the cgroups.
        self.process = subprocess.Popen(
            ["nsenter", f"--net=/run/netns/{self.name}", "dockerd", "--data-root", str(self.directory / "data"), "--exec-root",
             str(self.directory / "exec"), "--pidfile", str(self.directory / "pid"), "-H", self.host, "--mtu", "1400"],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
        eventually(lambda: self.run("version", check=False).returncode == 0, 60, "an answer of dockerd")
        return self

    def run(self, *words, check=True, **options):
        environment = dict(os.environ, DOCKER_HOST=self.host, DOCKER_BUILDKIT="0", **options.pop("environment", {}))
        result = subprocess.run(["docker", *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        if check and result.returncode != 0:
            said = (result.stdout + result.stderr).decode(errors="replace")
            raise AssertionError(f"docker {' '.join(words)}: exit {result.returncode}\n{said}")
        return result

    def close(self):
        ids = self.run("ps", "-aq", check=False).stdout.decode().split()
        if ids:
            self.run("rm", "-f", "-v", *ids, check=False)
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        subprocess.run(["nft", "delete", "table", "ip", self.name])
        # The link first: the namespace may be held a while longer.
        subprocess.run(["ip", "link", "del", f"{self.name}h"])
        subprocess.run(["ip", "netns", "del", self.name])
        for mount in ("data", "exec/netns/default"):
            subprocess.run(["umount", "-R", str(self.directory / mount)], stderr=subprocess.DEVNULL)
        remove_tree(self.directory)
