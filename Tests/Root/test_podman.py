"""skiff as a client of Podman, which speaks Docker's API too."""

import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from engine import PROGRAMS, SKIFF, eventually
from fixtures import busybox_tar

COMPOSE_FILE = """services:
  page:
    build: .
    command: sh -c 'echo served; exec httpd -f -h /www'
    volumes: ["data:/data"]
volumes:
  data:
"""


@unittest.skipUnless(shutil.which("podman"), "podman is not installed")
class Podman(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="skiff-podman-"))
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        cls.podman = ["podman", "--root", str(cls.directory / "root"), "--runroot", str(cls.directory / "run"), "--tmpdir",
                      str(cls.directory / "tmp"), "--cgroup-manager", "cgroupfs", "--events-backend", "file",
                      "--storage-driver", "vfs", "--runtime", str(PROGRAMS / "skiff-runtime"),
                      "--network-config-dir", str(cls.directory / "networks")]
        cls.host = f"unix://{cls.directory}/podman.sock"
        with open(cls.directory / "log", "wb") as log:
            # In namespaces of its own: its bridges, rules of the firewall, lists of addresses and monitors go with it.
            cls.service = subprocess.Popen(
                ["unshare", "--net", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child", "sh", "-c", 'mkdir -p /var/lib/cni; mount -t tmpfs cni /var/lib/cni; exec "$@"', "sh",
                 *cls.podman, "system", "service", "--time", "0", cls.host], stdout=log, stderr=log)
        cls.addClassCleanup(cls.service.wait, 20)
        cls.addClassCleanup(cls.service.kill)
        eventually(lambda: cls.skiff("version").returncode == 0, 20, "podman's answer")
        cls.skiff("import", "-", "busybox", input=busybox_tar())

    @classmethod
    def skiff(cls, *arguments, **options):
        return subprocess.run([SKIFF, "-H", cls.host, *arguments], capture_output=True, timeout=60, **options)

    def out(self, *arguments, **options):
        done = self.skiff(*arguments, **options)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout.decode()

    def test_containers_run_and_are_told_of(self):
        run = ("run", "--rm", "--network", "none", "busybox")
        self.assertEqual(self.out(*run, "echo", "hello"), "hello\n")
        self.assertEqual(self.skiff(*run, "sh", "-c", "exit 7").returncode, 7)
        self.out("run", "-d", "--name", "living", "--network", "none", "busybox", "sh", "-c", "echo said; exec sleep 1000")
        self.assertEqual(self.out("ps", "--format", "{{.Names}}"), "living\n")
        self.assertIn("inside\n", self.out("exec", "living", "echo", "inside"))
        self.assertEqual(self.skiff("exec", "living", "sh", "-c", "exit 3").returncode, 3)
        self.assertIn("said\n", self.out("logs", "living"))
        self.assertEqual(self.out("inspect", "-f", "{{.State.Status}}", "living"), "running\n")
        self.assertIn("busybox:latest\n", self.out("images", "--format", "{{.Repository}}:{{.Tag}}"))
        self.assertIn("sleep 1000", self.out("top", "living"))
        self.out("cp", "living:/etc/passwd", str(self.directory / "passwd"))
        self.out("stop", "-t", "0", "living")
        self.assertEqual(self.out("wait", "living"), "137\n")
        self.out("rm", "living")

    def test_a_project_is_built_brought_up_left_as_it_is_and_taken_down(self):
        project = self.directory / "project"
        project.mkdir()
        (project / "compose.yaml").write_text(COMPOSE_FILE)
        (project / "Dockerfile").write_text("FROM busybox\nRUN echo built > /built\n")
        self.out("compose", "up", "-d", cwd=project)
        self.addCleanup(self.skiff, "compose", "down", "-v", cwd=project)
        self.assertIn("built\n", self.out("compose", "exec", "page", "cat", "/built", cwd=project))
        eventually(lambda: "served" in self.out("compose", "logs", cwd=project), 20, "the service's line")
        first = self.out("compose", "ps", "-q", cwd=project)
        self.out("compose", "up", "-d", cwd=project)
        self.assertEqual(self.out("compose", "ps", "-q", cwd=project), first)
        self.assertEqual(json.loads(self.out("compose", "ps", "--format", "json", cwd=project))["Service"], "page")
        self.out("compose", "down", "-v", cwd=project)
        self.assertEqual(self.out("compose", "ps", "-aq", cwd=project), "")


if __name__ == "__main__":
    unittest.main()
