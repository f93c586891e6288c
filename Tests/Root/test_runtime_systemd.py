"""skiff-runtime --systemd-cgroup beside a systemd that runs: scopes, their limits and their end."""

import json
import os
import pathlib
import unittest

from engine import PROGRAMS
from runtime import RuntimeCase
from systemd import SYSTEMD, Systemd


class SystemdCase(RuntimeCase):
    version = None
    command = [str(PROGRAMS.resolve() / "skiff-runtime"), "--systemd-cgroup", "--root", "/run/states"]

    @classmethod
    def setUpClass(cls):
        if not os.path.exists(SYSTEMD):
            raise unittest.SkipTest("no systemd")
        super().setUpClass()
        cls.systemd = Systemd(cls.version, [str(cls.directory), str(PROGRAMS.resolve())])
        cls.addClassCleanup(cls.systemd.close)

    def inside(self, *arguments, code=0):
        done = self.systemd.run(*self.command, *arguments)
        self.assertEqual(done.returncode, code, done.stderr.decode())
        return done.stdout.decode() if code == 0 else done.stderr.decode()

    def running(self, change):
        """A container that runs beside systemd: its ID and the place of its first process."""
        def both(config):
            config["process"]["args"] = ["sleep", "1000"]
            change(config)
        path, name = self.bundle(both)
        # Not a pipe: the container keeps it.
        with open(self.directory / "output", "wb") as output:
            done = self.systemd.run(*self.command, "run", "--detach", "--bundle", path, name, stdout=output, stderr=output)
        self.assertEqual(done.returncode, 0, (self.directory / "output").read_text())
        return name

    def place(self, name, controller):
        """The cgroup of its first process, as systemd sees it."""
        pid = json.loads(self.inside("state", name))["pid"]
        lines = self.systemd.run("cat", f"/proc/{pid}/cgroup").stdout.decode().splitlines()
        return next(line.split(":", 2)[2] for line in lines if controller in line.split(":")[1].split(","))

    def assert_gone(self, unit):
        self.assertEqual(self.systemd.properties(unit)["ActiveState"], "inactive")
        self.assertEqual(self.systemd.run("find", "/sys/fs/cgroup", "-name", unit).stdout, b"")


class VersionOne(SystemdCase):
    version = 1

    def test_a_container_is_a_scope_with_its_limits(self):
        def change(config):
            config["linux"]["cgroupsPath"] = "pods-a.slice:pre:one"
            config["linux"]["resources"] = {
                "devices": [{"allow": False, "access": "rwm"}], "memory": {"limit": 64 << 20}, "pids": {"limit": 50},
                "cpu": {"shares": 512, "quota": 50000, "period": 100000}}
            config["annotations"] = {"org.systemd.property.TimeoutStopSec": "7"}
        name = self.running(change)
        for controller in ("name=systemd", "memory", "devices", "pids", "freezer"):
            self.assertEqual(self.place(name, controller), "/pods.slice/pods-a.slice/pre-one.scope", controller)
        found = self.systemd.properties("pre-one.scope")
        wanted = {"Slice": "pods-a.slice", "Delegate": "yes", "MemoryLimit": str(64 << 20), "TasksMax": "50", "CPUShares": "512",
                  "CPUQuotaPerSecUSec": "500ms", "DevicePolicy": "strict", "TimeoutStopUSec": "7s", "ActiveState": "active"}
        self.assertEqual({key: found.get(key) for key in wanted}, wanted)
        self.inside("update", "--memory", str(80 << 20), "--pids-limit", "20", name)
        found = self.systemd.properties("pre-one.scope")
        self.assertEqual((found["MemoryLimit"], found["TasksMax"]), (str(80 << 20), "20"))
        # What systemd reads anew changes nothing for the container.
        self.systemd.run("systemctl", "daemon-reload")
        limit = self.systemd.run("cat", "/sys/fs/cgroup/memory/pods.slice/pods-a.slice/pre-one.scope/memory.limit_in_bytes")
        self.assertEqual(int(limit.stdout), 80 << 20)
        self.assertIn("pre-one.scope", self.inside("exec", name, "cat", "/proc/self/cgroup"))
        self.inside("pause", name)
        self.assertEqual(json.loads(self.inside("state", name))["status"], "paused")
        self.inside("resume", name)
        self.inside("delete", "--force", name)
        self.assert_gone("pre-one.scope")

    def test_without_a_path_the_scope_is_named_after_the_container(self):
        name = self.running(lambda config: None)
        self.assertEqual(self.place(name, "memory"), f"/system.slice/skiff-{name}.scope")
        self.inside("delete", "--force", name)
        self.assert_gone(f"skiff-{name}.scope")

    def test_a_user_namespace_is_in_the_scope_too(self):
        def change(config):
            config["linux"]["namespaces"].append({"type": "user"})
            for key in ("uidMappings", "gidMappings"):
                config["linux"][key] = [{"containerID": 0, "hostID": 100000, "size": 65536}]
        name = self.running(change)
        self.assertEqual(self.place(name, "pids"), f"/system.slice/skiff-{name}.scope")
        self.inside("delete", "--force", name)

    def test_a_create_that_fails_leaves_no_unit(self):
        def change(config):
            config["linux"]["cgroupsPath"] = ":failing:one"
            config["process"]["args"] = ["not-there"]
        path, name = self.bundle(change)
        self.assertIn("not-there", self.inside("run", "--bundle", path, name, code=1))
        self.assert_gone("failing-one.scope")
        self.assertEqual(self.inside("list", "--quiet"), "")

    def test_a_path_that_names_no_scope_is_refused(self):
        path, name = self.bundle(lambda config: config["linux"].update(cgroupsPath="/a/b"))
        self.assertIn('slice:prefix:name', self.inside("create", "--bundle", path, name, code=1))


class VersionTwo(SystemdCase):
    version = 2

    def test_a_container_is_a_scope_with_the_limits_that_are_there(self):
        controllers = pathlib.Path("/sys/fs/cgroup/unified/cgroup.controllers")
        if not controllers.exists() or "hugetlb" not in controllers.read_text():
            self.skipTest("version 2 has no controller here")

        def change(config):
            config["linux"]["cgroupsPath"] = "pods.slice:pre:two"
            config["linux"]["resources"] = {
                "hugepageLimits": [{"pageSize": "2MB", "limit": 4 << 20}], "unified": {"cgroup.max.depth": "3"}}
        name = self.running(change)
        self.assertEqual(self.place(name, ""), "/pods.slice/pre-two.scope")
        self.assertEqual(self.inside("exec", name, "cat", "/sys/fs/cgroup/hugetlb.2MB.max", "/sys/fs/cgroup/cgroup.max.depth"),
                         f"{4 << 20}\n3\n")
        self.assertEqual(self.systemd.properties("pre-two.scope")["Delegate"], "yes")
        self.inside("pause", name)
        self.assertEqual(json.loads(self.inside("state", name))["status"], "paused")
        self.inside("delete", "--force", name)
        self.assert_gone("pre-two.scope")


class Absent(RuntimeCase):
    def test_where_systemd_does_not_run_that_is_said(self):
        if os.path.isdir("/run/systemd/system"):
            self.skipTest("systemd runs here")
        path, name = self.bundle()
        answer = self.runtime("--systemd-cgroup", "create", "--bundle", path, name)
        self.assertEqual(answer.code, 1)
        self.assertIn("systemd not running on this host", answer.err)


# Not a case by itself.
del SystemdCase
