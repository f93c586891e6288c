"""skiff-runtime from outside: bundles over a busybox root, and what the container sees of itself."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import unittest

from engine import PROGRAMS, eventually
from shim import busybox_layer

RUNTIME = str(PROGRAMS / "skiff-runtime")


class Answer:
    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout.decode()
        self.err = done.stderr.decode()
        self.lines = self.out.split("\n")[:-1]


class RuntimeTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="skiff-runtime-test-"))
        busybox_layer(cls.directory / "rootfs")
        root = cls.directory / "rootfs"
        (root / "bin/garbage").write_text("no program")
        (root / "bin/garbage").chmod(0o755)
        (root / "bin/plain").write_text("no program either")
        cls.number = 0

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.directory)

    def runtime(self, *arguments, stdin=b"", timeout=30):
        return Answer(subprocess.run(
            [RUNTIME, "--root", str(self.directory / "state"), *arguments], input=stdin, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=timeout))

    def bundle(self, change=None):
        """A fresh bundle of the example, with a plain shell for a command and `change` applied; its path and an ID."""
        RuntimeTests.number += 1
        name = f"skiff-test-{os.getpid()}-{self.number}"
        path = self.directory / name
        path.mkdir()
        self.runtime("spec", "--bundle", str(path))
        config = json.loads((path / "config.json").read_text())
        config["root"] = {"path": str(self.directory / "rootfs")}
        config["process"].update(terminal=False, noNewPrivileges=False, rlimits=[])
        if change:
            change(config)
        (path / "config.json").write_text(json.dumps(config))
        return str(path), name

    def run_command(self, command, change=None, stdin=b""):
        def both(config):
            config["process"]["args"] = command if isinstance(command, list) else ["sh", "-c", command]
            if change:
                change(config)
        path, name = self.bundle(both)
        return self.runtime("run", "--bundle", path, name, stdin=stdin)

    def created(self, command, change=None):
        """The ID of a container that waits for its start."""
        def both(config):
            config["process"]["args"] = ["sh", "-c", command]
            if change:
                change(config)
        path, name = self.bundle(both)
        # Not a pipe: the container keeps it.
        with open(self.directory / "output", "wb") as output:
            done = subprocess.run(
                [RUNTIME, "--root", str(self.directory / "state"), "create", "--bundle", path, name],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self.assertEqual(done.returncode, 0, (self.directory / "output").read_text())
        self.addCleanup(self.runtime, "delete", "--force", name)
        return name

    def status(self, name):
        return json.loads(self.runtime("state", name).out)["status"]

    # What the command sees

    def test_a_container_has_names_processes_and_a_root_of_its_own(self):
        answer = self.run_command("hostname; echo $$; ls /; ps | wc -l")
        self.assertEqual(answer.lines[:2], ["skiff", "1"])
        self.assertIn("proc", answer.lines)
        self.assertNotIn("work", answer.lines)

    def test_the_exit_code_is_the_command_s(self):
        self.assertEqual(self.run_command("exit 7").code, 7)
        self.assertEqual(self.run_command("sh -c 'kill -9 $$'; exit $?").code, 137)

    def test_user_groups_home_and_umask(self):
        def change(config):
            config["process"]["user"] = {"uid": 65534, "gid": 65534, "additionalGids": [5, 6], "umask": 0o27}
        answer = self.run_command("id -u; id -G; umask; echo $HOME; echo to stderr > /dev/stderr", change)
        self.assertEqual(answer.lines, ["65534", "65534 5 6", "0027", "/"])
        self.assertEqual(answer.err, "to stderr\n")

    def test_capabilities_filter_and_no_new_privileges_are_as_asked(self):
        def change(config):
            config["process"]["noNewPrivileges"] = True
            config["process"]["capabilities"] = {kind: ["CAP_CHOWN"] for kind in ["bounding", "effective", "permitted"]}
            config["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
                {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13}]}
        answer = self.run_command("grep -E 'CapEff|CapBnd|NoNew|Seccomp:' /proc/self/status; mkdir /tmp/x; echo $?", change)
        self.assertEqual([line.split()[-1] for line in answer.lines],
                         ["0000000000000001", "0000000000000001", "1", "2", "1"])
        self.assertIn("Permission denied", answer.err)

    def test_hidden_and_protected_paths(self):
        answer = self.run_command("ls /sys/firmware | wc -l; touch /proc/sys/vm/swappiness; wc -c < /proc/keys")
        self.assertEqual(answer.lines, ["0", "0"])
        self.assertIn("Read-only", answer.err)

    def test_devices_are_the_standard_ones_and_no_others_open(self):
        def change(config):
            config["process"]["capabilities"]["effective"] += ["CAP_MKNOD"]
            config["process"]["capabilities"]["permitted"] += ["CAP_MKNOD"]
            config["process"]["capabilities"]["bounding"] += ["CAP_MKNOD"]
        answer = self.run_command(
            "echo x > /dev/null && head -c 3 /dev/zero | wc -c; mknod /dev/mem2 c 1 1 && head -c 1 /dev/mem2", change)
        self.assertEqual(answer.lines, ["3"])
        self.assertIn("Operation not permitted", answer.err)

    def test_mounts_are_made_with_their_options(self):
        source = self.directory / "source"
        source.mkdir()
        (source / "file").write_text("hello\n")

        def change(config):
            config["mounts"] += [
                {"destination": "/mnt/dir", "type": "bind", "source": str(source), "options": ["rbind", "ro"]},
                {"destination": "/mnt/deep/file", "type": "bind", "source": str(source / "file"), "options": ["bind"]},
                {"destination": "/mnt/tmp", "type": "tmpfs", "source": "x", "options": ["size=1m", "mode=700", "noexec"]}]
        answer = self.run_command(
            "cat /mnt/dir/file /mnt/deep/file; touch /mnt/dir/x; stat -c %a /mnt/tmp; grep -c noexec.*size=1024k /proc/mounts",
            change)
        self.assertEqual(answer.lines, ["hello", "hello", "700", "1"])
        self.assertIn("Read-only", answer.err)

    def test_a_link_in_the_image_leads_no_mount_outside(self):
        outside = self.directory / "outside"
        outside.mkdir()
        os.symlink(outside, self.directory / "rootfs/leads-out")
        self.addCleanup(os.unlink, self.directory / "rootfs/leads-out")

        def change(config):
            config["mounts"].append({"destination": "/leads-out/x", "type": "tmpfs", "source": "x"})
        self.assertEqual(self.run_command("true", change).code, 0)
        self.assertEqual(list(outside.iterdir()), [])

    def test_limits_are_set(self):
        def change(config):
            config["linux"]["resources"].update(memory={"limit": 64 << 20}, pids={"limit": 20}, cpu={"shares": 512})
            config["process"]["rlimits"] = [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200}]
        answer = self.run_command(
            "ulimit -n; ulimit -Hn; cat /sys/fs/cgroup/*/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null;"
            "cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null", change)
        self.assertEqual(answer.lines, ["100", "200", str(64 << 20), "20"])

    def test_parameters_of_its_own_namespaces_are_set_and_others_refused(self):
        def mine(config):
            config["linux"]["sysctl"] = {"net.ipv4.ip_unprivileged_port_start": "0"}
        self.assertEqual(self.run_command("cat /proc/sys/net/ipv4/ip_unprivileged_port_start", mine).lines, ["0"])

        def hosts(config):
            config["linux"]["sysctl"] = {"vm.swappiness": "1"}
        self.assertIn("not in a separate kernel namespace", self.run_command("true", hosts).err)

    def test_a_terminal_has_a_size_and_controls_the_session(self):
        def change(config):
            config["process"].update(terminal=True, consoleSize={"width": 100, "height": 30})
        answer = self.run_command("tty; stty size; read x; echo got $x; sleep 0.1", change, stdin=b"word\n")
        # The echo of what was typed comes when it likes.
        self.assertEqual(sorted(answer.out.split()), sorted(["/dev/pts/0", "30", "100", "word", "got", "word"]))

    def test_users_may_be_mapped(self):
        def change(config):
            config["linux"]["namespaces"].append({"type": "user"})
            mapping = [{"containerID": 0, "hostID": 0, "size": 1000}]
            config["linux"].update(uidMappings=mapping, gidMappings=mapping)
        answer = self.run_command("cat /proc/self/uid_map", change)
        self.assertEqual(answer.out.split(), ["0", "0", "1000"])

    def test_the_program_s_file_cannot_be_written_through_proc(self):
        name = self.created("true")
        pid = json.loads(self.runtime("state", name).out)["pid"]
        descriptor = os.open(f"/proc/{pid}/exe", os.O_RDONLY)
        self.addCleanup(os.close, descriptor)
        self.runtime("delete", "--force", name)
        eventually(lambda: not os.path.exists(f"/proc/{pid}"), what="the end of the process")
        with self.assertRaises(OSError):
            os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY)

    # A life in steps

    def test_a_life_from_create_to_delete(self):
        name = self.created("trap 'exit 3' TERM; while :; do sleep 0.05; done")
        self.assertEqual(self.status(name), "created")
        self.assertEqual(self.runtime("start", name).code, 0)
        self.assertEqual(self.status(name), "running")
        self.assertIn("already running", self.runtime("start", name).err)
        self.assertEqual(self.runtime("pause", name).code, 0)
        self.assertEqual(self.status(name), "paused")
        self.assertEqual(self.runtime("resume", name).code, 0)
        self.assertIn("is not stopped", self.runtime("delete", name).err)
        self.assertEqual(self.runtime("kill", name, "TERM").code, 0)
        eventually(lambda: self.status(name) == "stopped", what="the stop")
        self.assertIn("not running", self.runtime("kill", name, "TERM").err)
        self.assertEqual(self.runtime("delete", name).code, 0)
        self.assertIn("does not exist", self.runtime("state", name).err)

    def test_a_name_is_taken_once(self):
        name = self.created("true")
        path, _ = self.bundle()
        answer = self.runtime("create", "--bundle", path, name)
        self.assertEqual(answer.code, 1)
        self.assertIn("already exists", answer.err)

    def test_exec_joins_the_container(self):
        name = self.created("sleep 1000")
        self.runtime("start", name)
        answer = self.runtime("exec", "--user", "65534:7", "--cwd", "/tmp", "--env", "A=b", name, "sh", "-c",
                              "id -u; id -g; pwd; echo $A; hostname; ps | grep -q '[s]leep 1000' && exit 9")
        self.assertEqual((answer.lines, answer.code), (["65534", "7", "/tmp", "b", "skiff"], 9))

    def test_the_console_socket_gets_the_terminal(self):
        def change(config):
            config["process"].update(terminal=True, args=["sh", "-c", "read x; echo got $x"])
        path, name = self.bundle(change)
        with socket.socket(socket.AF_UNIX) as listener:
            place = str(self.directory / "console")
            listener.bind(place)
            listener.listen(1)
            self.assertEqual(self.runtime("create", "--bundle", path, "--console-socket", place, name).code, 0)
            self.addCleanup(self.runtime, "delete", "--force", name)
            with listener.accept()[0] as connection:
                _, descriptors, _, _ = socket.recv_fds(connection, 100, 1)
        self.addCleanup(os.close, descriptors[0])
        self.runtime("start", name)
        os.write(descriptors[0], b"word\n")
        seen = b""
        while b"got word" not in seen:
            seen += os.read(descriptors[0], 1000)

    # What goes wrong

    def test_commands_that_cannot_run_are_told_as_clients_expect(self):
        name = self.created("sleep 1000")
        self.runtime("start", name)
        for command, message in [
            ("nope", 'exec: "nope": executable file not found in $PATH'),
            ("/nope", 'exec: "/nope": stat /nope: no such file or directory'),
            ("/bin/plain", 'exec: "/bin/plain": permission denied'),
            ("/tmp", 'exec: "/tmp": is a directory'),
        ]:
            self.assertIn(message, self.run_command([command]).err)
            self.assertIn(message, self.runtime("exec", name, command).err)
        answer = self.run_command(["/bin/garbage"])
        self.assertEqual((answer.code, answer.err), (255, "exec /bin/garbage: exec format error\n"))
        self.assertIn("exec format error", self.runtime("exec", name, "/bin/garbage").err)

    def test_a_create_that_fails_names_the_step_and_leaves_nothing(self):
        def no_source(config):
            config["mounts"].append({"destination": "/x", "type": "bind", "source": "/nope/x", "options": ["bind"]})

        def no_file_system(config):
            config["mounts"].append({"destination": "/x", "type": "nofs", "source": "x"})

        def no_limit(config):
            config["linux"]["resources"]["cpu"] = {"cpus": "9999"}

        def bad_hook(config):
            config["hooks"] = {"createRuntime": [{"path": "/bin/false"}]}

        for change, message in [(no_source, "mount /nope/x on /x"), (no_file_system, "mount nofs on /x"),
                                (no_limit, "limit the cgroup"), (bad_hook, "createRuntime hook 0 (/bin/false)")]:
            answer = self.run_command("true", change)
            self.assertEqual(answer.code, 1)
            self.assertIn(message, answer.err)
        self.assertEqual([name for name in os.listdir(self.directory / "state") if "skiff" in name], [])

    def test_what_makes_no_sense_is_refused(self):
        path, name = self.bundle()
        for arguments, message in [
            (["bogus"], "no such command: bogus"), (["create", "--bogus", name], "unknown flag --bogus"),
            (["create"], "requires exactly 1 argument"), (["create", "--bundle", path, "a/b"], "invalid container ID"),
            (["create", "--bundle", "/nope", name], "find the bundle"), (["kill", name], "does not exist"),
        ]:
            answer = self.runtime(*arguments)
            self.assertEqual(answer.code, 1)
            self.assertIn(message, answer.err)
        (pathlib.Path(path) / "config.json").write_text('{"process": ')
        self.assertIn("line 1, column", self.runtime("create", "--bundle", path, name).err)


if __name__ == "__main__":
    unittest.main()
