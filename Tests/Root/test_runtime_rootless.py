"""skiff-runtime as an ordinary user: a user namespace of his own, with one number or with those of /etc/subuid."""

import json
import os
import pathlib
import pwd
import shutil
import subprocess
import unittest

from engine import PROGRAMS, eventually
from runtime import Answer, RuntimeCase

NAME = "skiff-test-user"


@unittest.skipUnless(shutil.which("useradd") and shutil.which("newuidmap"), "needs useradd and newuidmap")
class Rootless(RuntimeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(subprocess.run, ["userdel", NAME], stderr=subprocess.DEVNULL)
        subprocess.run(["useradd", "--system", "--no-create-home", "--shell", "/bin/sh", NAME], check=True)
        subprocess.run(["usermod", "--add-subuids", "200000-265535", "--add-subgids", "300000-365535", NAME], check=True)
        entry = pwd.getpwnam(NAME)
        cls.uid, cls.gid = entry.pw_uid, entry.pw_gid
        cls.home = cls.directory / "home"
        cls.home.mkdir(0o755)
        # The programs may lie where only root gets to.
        cls.program = cls.home / "skiff-runtime"
        shutil.copy(PROGRAMS / "skiff-runtime", cls.program)
        subprocess.run(["cp", "-a", str(cls.directory / "rootfs"), str(cls.home / "rootfs")], check=True)
        (cls.home / "rootfs/tmp").chmod(0o777)
        (cls.home / "run").mkdir(0o700)
        subprocess.run(["chown", "-R", f"{cls.uid}:{cls.gid}", str(cls.home)], check=True)

    def user(self, *arguments, **options):
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.run(
            [str(self.program), *arguments], user=self.uid, group=self.gid, extra_groups=[], cwd=self.home, timeout=30,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "XDG_RUNTIME_DIR": str(self.home / "run")}, **options)

    def prepared(self, command, change=None):
        RuntimeCase.number += 1
        name = f"skiff-test-{os.getpid()}-{RuntimeCase.number}"
        path = self.home / name
        path.mkdir()
        os.chown(path, self.uid, self.gid)
        done = self.user("spec", "--rootless", "--bundle", str(path))
        self.assertEqual(done.returncode, 0, done.stderr)
        config = json.loads((path / "config.json").read_text())
        config["root"] = {"path": str(self.home / "rootfs")}
        config["process"].update(terminal=False, args=["sh", "-c", command], rlimits=[])
        if change:
            change(config)
        (path / "config.json").write_text(json.dumps(config))
        return str(path), name

    @staticmethod
    def with_more_numbers(config):
        config["linux"]["uidMappings"].append({"containerID": 1, "hostID": 200000, "size": 65536})
        config["linux"]["gidMappings"].append({"containerID": 1, "hostID": 300000, "size": 65536})

    def test_one_number_is_root_inside_and_the_user_outside(self):
        path, name = self.prepared("id -u; touch /made; hostname; cat /proc/self/setgroups")
        answer = Answer(self.user("run", "--bundle", path, name))
        self.assertEqual((answer.code, answer.lines, answer.err), (0, ["0", "skiff", "deny"], ""))
        self.assertEqual(os.stat(self.home / "rootfs/made").st_uid, self.uid)
        self.assertEqual(self.user("list", "--quiet").stdout, b"")

    def test_a_life_with_the_numbers_of_subuid(self):
        path, name = self.prepared("touch /tmp/ready; exec sleep 1000", self.with_more_numbers)
        with open(self.directory / "output", "wb") as output:
            done = self.user("run", "--detach", "--bundle", path, name, stdout=output, stderr=output)
        self.assertEqual(done.returncode, 0, (self.directory / "output").read_text())
        self.addCleanup(self.user, "delete", "--force", name)
        eventually((self.home / "rootfs/tmp/ready").exists)
        inside = self.user("exec", "--user", "5:6", name, "sh", "-c", "id -u; id -g; touch /tmp/others; cat /proc/self/uid_map")
        self.assertEqual(inside.stdout.decode().split(), ["5", "6", "0", str(self.uid), "1", "1", "200000", "65536"], inside.stderr)
        status = os.stat(self.home / "rootfs/tmp/others")
        self.assertEqual((status.st_uid, status.st_gid), (200004, 300005))
        self.assertEqual(json.loads(self.user("state", name).stdout)["owner"], NAME)
        self.assertIn(b"cannot pause a container without a cgroup", self.user("pause", name).stderr)
        self.assertEqual(self.user("kill", name, "KILL").returncode, 0)
        eventually(lambda: json.loads(self.user("state", name).stdout)["status"] == "stopped")
        self.assertEqual(self.user("delete", name).returncode, 0)
        self.assertFalse(any(pathlib.Path("/sys/fs/cgroup").glob(f"*/{name}")))

    def test_numbers_that_are_not_the_user_s_are_refused(self):
        def change(config):
            config["linux"]["uidMappings"].append({"containerID": 1, "hostID": 1, "size": 10})
            config["linux"]["gidMappings"].append({"containerID": 1, "hostID": 1, "size": 10})
        path, name = self.prepared("true", change)
        answer = Answer(self.user("run", "--bundle", path, name))
        self.assertEqual(answer.code, 1)
        self.assertIn("newuidmap refused the mapping: see /etc/subuid and /etc/subgid", answer.err)
        self.assertEqual(self.user("list", "--quiet").stdout, b"")

    def test_limits_that_the_user_may_not_set_are_an_error(self):
        path, name = self.prepared("true", lambda config: config["linux"].update(resources={"pids": {"limit": 10}}))
        answer = Answer(self.user("run", "--bundle", path, name))
        self.assertEqual(answer.code, 1)
        self.assertIn("make the cgroup", answer.err)
