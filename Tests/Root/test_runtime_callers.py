"""skiff-runtime under programs that others wrote to call runc: podman and dockerd."""

import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

from engine import PROGRAMS, eventually
from shim import busybox_layer

RUNTIME = str(PROGRAMS / "skiff-runtime")


class Caller:
    """What both can do is asked of both: `command` is the client with its global flags, `chosen` picks the runtime."""
    command = []
    chosen = []

    def call(self, *arguments, code=0, timeout=60):
        done = subprocess.run([*self.command, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=timeout)
        self.assertEqual(done.returncode, code, done.stderr.decode())
        return done.stdout.decode()

    @classmethod
    def make_image(cls):
        busybox_layer(cls.directory / "busybox")
        archive = cls.directory / "busybox.tar"
        subprocess.run(["tar", "-C", cls.directory / "busybox", "-cf", archive, "."], check=True)
        subprocess.run([*cls.command, "import", archive, "busybox"], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=60)

    def test_run_gives_output_and_exit_code(self):
        run = ["run", "--rm", *self.chosen, "--network", "none"]
        self.assertEqual(self.call(*run, "busybox", "id", "-u").strip(), "0")
        self.call(*run, "busybox", "sh", "-c", "exit 7", code=7)
        self.call(*run, "busybox", "nope", code=127)
        limited = self.call(*run, "--user", "1000:1000", "--cap-drop", "all", "--memory", "64m", "busybox", "sh", "-c",
                            "id -u; grep CapEff /proc/self/status")
        self.assertEqual(limited.split(), ["1000", "CapEff:", "0" * 16])

    def test_terminal_exec_pause_stats_and_kill(self):
        name = self.call("run", "-d", *self.chosen, "--network", "none", "busybox", "sleep", "1000").strip()
        self.addCleanup(self.call, "rm", "-f", name)
        self.assertEqual(self.call("exec", name, "echo", "inside").strip(), "inside")
        self.assertIn("/dev/pts/0", self.call("exec", "-t", name, "tty"))
        self.call("pause", name)
        self.assertEqual(self.call("inspect", "-f", "{{.State.Status}}", name).strip(), "paused")
        self.call("unpause", name)
        self.assertEqual(self.call("stats", "--no-stream", "--format", "{{.PIDs}}", name).strip(), "1")
        self.assertIn("sleep 1000", self.call("top", name))
        self.call("kill", name)
        self.assertEqual(self.call("wait", name).strip(), "137")


@unittest.skipUnless(shutil.which("podman"), "podman is not installed")
class PodmanTests(Caller, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="skiff-podman-"))
        cls.command = ["podman", "--root", str(cls.directory / "root"), "--runroot", str(cls.directory / "run"), "--tmpdir",
                       str(cls.directory / "tmp"), "--cgroup-manager", "cgroupfs", "--events-backend", "file",
                       "--storage-driver", "vfs", "--runtime", RUNTIME]
        cls.make_image()

    @classmethod
    def tearDownClass(cls):
        subprocess.run([*cls.command, "rm", "-fa"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        shutil.rmtree(cls.directory, ignore_errors=True)


@unittest.skipUnless(shutil.which("dockerd") and shutil.which("docker"), "dockerd is not installed")
class DockerTests(Caller, unittest.TestCase):
    chosen = ["--runtime", "skiff"]

    @classmethod
    def setUpClass(cls):
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="skiff-dockerd-"))
        place = f"unix://{cls.directory}/docker.sock"
        cls.command = ["docker", "-H", place]
        cls.log = open(cls.directory / "log", "w")
        cls.daemon = subprocess.Popen(
            ["dockerd", "--data-root", f"{cls.directory}/data", "--exec-root", f"{cls.directory}/exec", "-H", place,
             "--pidfile", f"{cls.directory}/pid", "--bridge=none", "--iptables=false", "--ip-masq=false",
             "--storage-driver", "vfs", "--add-runtime", f"skiff={RUNTIME}"], stdout=cls.log, stderr=cls.log)
        eventually(lambda: subprocess.run([*cls.command, "version"], capture_output=True, timeout=20).returncode == 0, 30,
                   "dockerd's answer")
        cls.make_image()

    @classmethod
    def tearDownClass(cls):
        cls.daemon.send_signal(signal.SIGTERM)
        try:
            cls.daemon.wait(30)
        except subprocess.TimeoutExpired:
            cls.daemon.kill()
            cls.daemon.wait()
        cls.log.close()
        subprocess.run(["umount", "-R", f"{cls.directory}/data"], stderr=subprocess.DEVNULL)
        shutil.rmtree(cls.directory, ignore_errors=True)


if __name__ == "__main__":
    unittest.main()
