"""skiff-runtime from outside: bundles over a busybox root, and what the container sees of itself."""

import json
import os
import pathlib
import random
import shutil
import socket
import subprocess
import unittest

from engine import eventually
from runtime import RUNTIME, RuntimeCase


class RuntimeTests(RuntimeCase):
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

    # Namespaces and users

    def test_root_of_a_user_namespace_is_nobody_outside(self):
        secret = self.directory / "secret"
        (secret / "inside").mkdir(parents=True)
        (secret / "inside/word").write_text("hello\n")
        secret.chmod(0o700)
        # Only the host's root can make a place in his root file system.
        (self.directory / "rootfs/tmp/given").mkdir(exist_ok=True)

        def change(config):
            config["linux"]["namespaces"].append({"type": "user"})
            config["linux"]["uidMappings"] = [{"containerID": 0, "hostID": 100000, "size": 1000}]
            config["linux"]["gidMappings"] = [{"containerID": 0, "hostID": 200000, "size": 1000}]
            # Nobody outside could open this source.
            config["mounts"].append({"destination": "/tmp/given", "type": "bind", "source": "secret/inside",
                                     "options": ["bind", "ro"]})
            config["root"]["readonly"] = False

        def relative(config):
            change(config)
            config["mounts"][-1]["source"] = str(secret / "inside")
        answer = self.run_command(
            "id -u; tr -s ' ' < /proc/self/uid_map; cat /tmp/given/word; echo x > /dev/null && stat -c %t:%T /dev/null",
            relative)
        self.assertEqual(answer.lines, ["0", " 0 100000 1000", "hello", "1:3"], answer.err)

    def test_a_container_joins_the_namespaces_of_another(self):
        def users(config):
            config["linux"]["namespaces"].append({"type": "user"})
            config["linux"]["uidMappings"] = [{"containerID": 0, "hostID": 100000, "size": 1000}]
            config["linux"]["gidMappings"] = [{"containerID": 0, "hostID": 100000, "size": 1000}]
        name = self.created("sleep 1000", users)
        self.runtime("start", name)
        pid = json.loads(self.runtime("state", name).out)["pid"]
        files = {"network": "net", "pid": "pid", "ipc": "ipc", "uts": "uts", "user": "user"}

        def join(config):
            config["linux"]["namespaces"] = [{"type": "mount"}] + [
                {"type": kind, "path": f"/proc/{pid}/ns/{file}"} for kind, file in files.items()]
            config.pop("hostname", None)
        answer = self.run_command("hostname; ps | grep -c '[s]leep 1000'; cat /proc/self/uid_map", join)
        self.assertEqual(answer.lines[:2], ["skiff", "1"], answer.err)
        self.assertEqual(answer.lines[2].split(), ["0", "100000", "1000"])

    def own_mounts(self):
        """What is mounted on the host below the directory of these tests; others may mount elsewhere meanwhile."""
        return [line for line in open("/proc/self/mountinfo") if str(self.directory) in line]

    def without_mounts(self, config, path=None):
        kinds = [entry for entry in config["linux"]["namespaces"] if entry["type"] != "mount"]
        config["linux"].update(namespaces=kinds + ([{"type": "mount", "path": path}] if path else []), maskedPaths=[],
                               readonlyPaths=[])
        config["mounts"] = []

    def test_a_mount_namespace_may_be_joined(self):
        """What one container has mounted the other sees; neither the host nor the first is changed."""
        def first(config):
            config["mounts"].append({"destination": "/shared", "type": "tmpfs", "source": "tmpfs"})
        owner = self.created("exec sleep 1000", first)
        self.runtime("start", owner)
        self.runtime("exec", owner, "touch", "/shared/seen")
        pid = json.loads(self.runtime("state", owner).out)["pid"]
        before = self.own_mounts(), pathlib.Path(f"/proc/{pid}/mountinfo").read_text()

        def second(config):
            self.without_mounts(config, f"/proc/{pid}/ns/mnt")
            config["root"]["path"] = "/"
        guest = self.created("exec sleep 1000", second)
        self.runtime("start", guest)
        self.assertEqual(self.runtime("exec", guest, "ls", "/shared").out, "seen\n")
        state = json.loads(self.runtime("state", guest).out)
        self.assertEqual(os.readlink(f"/proc/{state['pid']}/ns/mnt"), os.readlink(f"/proc/{pid}/ns/mnt"))
        self.runtime("delete", "--force", guest)
        self.assertEqual(self.runtime("exec", owner, "ls", "/shared").out, "seen\n")
        self.assertEqual((self.own_mounts(), pathlib.Path(f"/proc/{pid}/mountinfo").read_text()), before)
        missing, name = self.bundle(lambda config: self.without_mounts(config, f"/proc/{pid}/ns/mnt"))
        self.assertIn("open the root file system in the mount namespace", self.runtime("run", "-b", missing, name).err)

    def test_without_a_mount_namespace_the_root_is_all_that_is_its_own(self):
        before = self.own_mounts()
        name = self.created("exec sleep 1000", self.without_mounts)
        self.runtime("start", name)
        pid = json.loads(self.runtime("state", name).out)["pid"]
        self.assertEqual(os.readlink(f"/proc/{pid}/ns/mnt"), os.readlink("/proc/self/ns/mnt"))
        self.assertEqual(self.runtime("exec", name, "ls", "/").out, self.runtime("exec", name, "ls", "/../..").out)
        self.assertNotIn("work", self.runtime("exec", name, "ls", "/").lines)
        self.runtime("delete", "--force", name)
        self.assertEqual(self.own_mounts(), before)

        def hiding(config):
            self.without_mounts(config)
            config["linux"]["maskedPaths"] = ["/proc/keys"]
        path, name = self.bundle(hiding)
        self.assertIn("need a mount namespace of the container's own", self.runtime("run", "-b", path, name).err)

    def test_clocks_of_a_time_namespace_are_ahead(self):
        def change(config):
            config["linux"]["namespaces"].append({"type": "time"})
            config["linux"]["timeOffsets"] = {"boottime": {"secs": 864000}}
        answer = self.run_command("cut -d. -f1 /proc/uptime", change)
        outside = float(pathlib.Path("/proc/uptime").read_text().split()[0])
        self.assertGreater(int(answer.lines[0]) - outside, 863990, answer.err)

    def test_owners_are_mapped_on_a_mount(self):
        source = self.directory / "mapped"
        source.mkdir(exist_ok=True)
        (source / "file").write_text("x")
        os.chown(source / "file", 1000, 1000)

        def change(config):
            mapping = [{"containerID": 1000, "hostID": 5, "size": 1}]
            config["mounts"].append({"destination": "/tmp/m", "type": "bind", "source": str(source),
                                     "options": ["bind"], "uidMappings": mapping, "gidMappings": mapping})
        answer = self.run_command("stat -c %u:%g /tmp/m/file", change)
        if "MOUNT_ATTR_IDMAP" in answer.err:
            self.skipTest("this file system maps no owners")
        self.assertEqual(answer.lines, ["5:5"], answer.err)

    # Programs beside it

    def test_hooks_run_in_their_order_and_what_a_failing_one_means(self):
        log = self.directory / "hooks"

        def hook(word):
            return {"path": "/bin/sh", "args": ["sh", "-c", f"echo {word} $(grep -o '\"status\": *\"[a-z]*' | "
                                                f"cut -d'\"' -f4) >> {log}"]}

        def change(config):
            config["hooks"] = {kind: [hook(kind)] for kind in ["prestart", "createRuntime", "createContainer",
                                                                "poststart", "poststop"]}
            config["hooks"]["startContainer"] = [{"path": "/bin/sh", "args": ["sh", "-c", "echo startContainer"]}]
        answer = self.run_command("echo command", change)
        self.assertEqual(answer.lines, ["startContainer", "command"], answer.err)
        self.assertEqual(log.read_text().split("\n")[:-1], [
            "prestart created", "createRuntime creating", "createContainer creating", "poststart running",
            "poststop stopped"])

        def failing(config):
            config["hooks"] = {"poststart": [{"path": "/bin/false"}]}
        path, name = self.bundle(lambda config: (config["process"].update(args=["sleep", "9"]), failing(config)))
        answer = self.runtime("run", "--detach", "--bundle", path, name)
        self.assertEqual(answer.code, 1)
        self.assertIn("error running hook: poststart #0", answer.err)
        self.assertEqual(self.runtime("state", name).code, 1)

        def slow(config):
            config["hooks"] = {"createRuntime": [{"path": "/bin/sleep", "args": ["sleep", "60"], "timeout": 1}]}
        self.assertIn("not done after 1 seconds", self.run_command("true", slow).err)

    def test_an_agent_answers_calls_and_none_is_an_error(self):
        place = str(self.directory / "agent")

        def change(config):
            config["linux"]["seccomp"] = {
                "defaultAction": "SCMP_ACT_ALLOW", "listenerPath": place, "listenerMetadata": "data",
                "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_NOTIFY"}]}
        self.assertIn("failed to connect with seccomp agent", self.run_command("true", change).err)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(place)
            listener.listen(1)
            path, name = self.bundle(lambda config: (config["process"].update(args=["mkdir", "/tmp/x"]), change(config)))
            running = subprocess.Popen([RUNTIME, "--root", str(self.directory / "state"), "run", "-b", path, name],
                                       stderr=subprocess.PIPE)
            with listener.accept()[0] as connection:
                text, descriptors, _, _ = socket.recv_fds(connection, 10000, 4)
            told = json.loads(text)
            self.assertEqual((told["fds"], told["metadata"], told["state"]["id"], len(descriptors)),
                             (["seccompFd"], "data", name, 1))
            # Nobody listens any more: the call answers ENOSYS.
            os.close(descriptors[0])
            self.assertIn(b"not implemented", running.communicate(timeout=20)[1])

    def test_passed_sockets_are_told_to_the_command(self):
        path, name = self.bundle(lambda config: config["process"].update(
            args=["sh", "-c", "echo $LISTEN_FDS $LISTEN_PID; cat <&3"]))
        with open(self.directory / "passed", "w+") as file:
            file.write("from outside\n")
            file.seek(0)
            # Descriptor 3 of the runtime, as a service manager leaves it.
            done = subprocess.run(
                ["sh", "-c", f"exec 3<&{file.fileno()} && LISTEN_FDS=1 exec {RUNTIME} --root {self.directory}/state run -b {path} {name}"],
                pass_fds=[file.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=30)
        self.assertEqual(done.stdout.decode().split("\n")[:2], ["1 1", "from outside"])

    def test_events_tell_usage_as_json(self):
        name = self.created("sleep 1000")
        self.runtime("start", name)
        told = json.loads(self.runtime("events", "--stats", name).out)
        self.assertEqual((told["type"], told["id"]), ("stats", name))
        self.assertGreater(told["data"]["memory"]["usage"]["usage"], 0)
        self.assertEqual(told["data"]["pids"]["current"], 1)

    # Safety

    def test_the_program_on_the_host_cannot_be_written_from_inside(self):
        # The runtime's own program, reached as /proc/self/exe by an image that executes it, stands on no mount that
        # could be written to.
        def change(config):
            config["process"]["args"] = ["/proc/self/exe", "--version"]
        name = self.created("sleep 1000")
        self.runtime("start", name)
        inside = "for p in /proc/[0-9]*; do (: >> $p/exe) 2>&1; done; exit 0"
        before = os.stat(RUNTIME)
        self.runtime("exec", name, "sh", "-c", inside)
        path, other = self.bundle(change)
        self.runtime("run", "--bundle", path, other)
        after = os.stat(RUNTIME)
        self.assertEqual((before.st_size, before.st_mtime_ns), (after.st_size, after.st_mtime_ns))
        # And while it waits in a container it lies on a read-only mount.
        waiting = self.created("true")
        pid = json.loads(self.runtime("state", waiting).out)["pid"]
        with self.assertRaises(OSError):
            os.open(f"/proc/{pid}/exe", os.O_WRONLY)

    def test_no_descriptor_of_the_runtime_reaches_the_command(self):
        outside = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
        self.addCleanup(os.close, outside)
        os.set_inheritable(outside, True)
        answer = self.run_command("ls /proc/self/fd | wc -l; ls -l /proc/self/fd")
        # 0, 1, 2 and that of ls itself.
        self.assertEqual(answer.lines[0], "4", answer.out)

        def leaked(config):
            config["process"].update(args=["pwd"], cwd=f"/proc/self/fd/{outside}")
        path, name = self.bundle(leaked)
        done = subprocess.run([RUNTIME, "--root", str(self.directory / "state"), "run", "-b", path, name],
                              pass_fds=[outside], stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
        self.assertNotEqual(done.returncode, 0)

    def test_links_of_an_image_turn_no_cover_and_no_console_elsewhere(self):
        root = self.directory / "linked"
        subprocess.run(["cp", "-a", str(self.directory / "rootfs"), str(root)], check=True)
        (root / "dev").mkdir(exist_ok=True)
        # Nothing covers /dev: the image's own links stand there.
        for place in ["console", "null"]:
            (root / "dev" / place).unlink(missing_ok=True)
            (root / "dev" / place).symlink_to("/proc/sys/kernel/core_pattern")

        def change(config):
            config["root"] = {"path": str(root)}
            config["mounts"] = [mount for mount in config["mounts"] if mount["destination"] == "/proc"]
            config["process"]["args"] = ["true"]
        before = pathlib.Path("/proc/sys/kernel/core_pattern").read_text()
        answer = self.run_command("true", change)
        self.assertNotEqual(answer.code, 0)
        self.assertIn("make the device /dev/null", answer.err)
        self.assertEqual(pathlib.Path("/proc/sys/kernel/core_pattern").read_text(), before)

        shutil.rmtree(root / "dev")
        (root / "dev").symlink_to("/tmp")
        answer = self.run_command("true", change)
        self.assertIn("not a directory", answer.err)

    def test_proc_over_a_file_or_link_is_refused(self):
        for kind in ["file", "link"]:
            root = self.directory / f"proc-{kind}"
            (root / "bin").mkdir(parents=True)
            if kind == "file":
                (root / "proc").write_text("")
            else:
                (root / "proc").symlink_to("/tmp")
            answer = self.run_command("true", lambda config: config.update(root={"path": str(root)}))
            self.assertEqual(answer.code, 1)
            self.assertIn("must be mounted on ordinary directory", answer.err)

    def test_what_a_killed_runtime_left_is_swept(self):
        path, name = self.bundle(lambda config: config.update(hooks={
            "createRuntime": [{"path": "/bin/sleep", "args": ["sleep", "5"]}]}))
        running = subprocess.Popen([RUNTIME, "--root", str(self.directory / "state"), "create", "-b", path, name],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        eventually(lambda: (self.directory / "state" / name / "state.json.new").exists(), 10)
        running.kill()
        running.wait()
        self.assertEqual(self.runtime("delete", "--force", name).code, 0)
        self.assertFalse((self.directory / "state" / name).exists())
        self.assertEqual([place for place in pathlib.Path("/sys/fs/cgroup").glob(f"*/{name}")], [])

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
        self.assertEqual((answer.code, answer.err), (255, "exec /bin/garbage: exec format error: its first line does not name an interpreter: "
                                                        "begin it with #!/bin/sh, or run it by sh /bin/garbage\n"))
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
                                (no_limit, "limit the cgroup"), (bad_hook, "error running hook: createRuntime #0 (/bin/false): exit status 1")]:
            answer = self.run_command("true", change)
            self.assertEqual(answer.code, 1)
            self.assertIn(message, answer.err)
        self.assertEqual([name for name in os.listdir(self.directory / "state") if "skiff" in name], [])

    def test_what_makes_no_sense_is_refused(self):
        path, name = self.bundle()
        for arguments, message in [
            (["bogus"], "No help topic for 'bogus'"), (["create", "--bogus", name], "unknown flag --bogus"),
            (["create"], "requires exactly 1 argument"), (["create", "--bundle", path, "a/b"], "invalid container ID"),
            (["create", "--bundle", "/nope", name], "find the bundle"), (["kill", name], "does not exist"),
            (["--log-format", "xml", "list"], "unknown log-format"), (["checkpoint", name], "not supported"),
        ]:
            answer = self.runtime(*arguments)
            self.assertEqual(answer.code, 1)
            self.assertIn(message, answer.err)
        good = (pathlib.Path(path) / "config.json").read_text()
        for words, message in [
            ('"ociVersion": "', "ociVersion"), ('"root": {', "root file system"), ('"cwd": "/"', "not absolute"),
        ]:
            bad = {"ociVersion": good.replace('"ociVersion": "1', '"ociVersion": "9'),
                   "root file system": good.replace(json.dumps(str(self.directory / "rootfs")), '"/nope/root"'),
                   "not absolute": good.replace('"cwd": "/"', '"cwd": "x"')}[message]
            (pathlib.Path(path) / "config.json").write_text(bad)
            answer = self.runtime("create", "--bundle", path, name)
            self.assertEqual(answer.code, 1, words)
            self.assertIn(message, answer.err)
        link = self.directory / "root-link"
        link.symlink_to(self.directory / "rootfs")
        self.assertIn("symbolic link", self.run_command(
            "true", lambda config: config.update(root={"path": str(link)})).err)
        (pathlib.Path(path) / "config.json").unlink()
        self.assertIn("read the bundle", self.runtime("create", "--bundle", path, name).err)
        (pathlib.Path(path) / "config.json").write_text('{"process": ')
        self.assertIn("line 1, column", self.runtime("create", "--bundle", path, name).err)


if __name__ == "__main__":
    unittest.main()

    def test_a_destination_does_not_climb_out_of_the_root(self):
        def change(config):
            config["mounts"].append({"destination": "/a/../../../../climbed", "type": "tmpfs", "source": "tmpfs"})
        self.assertEqual(self.run_command("mount | grep -c ' /climbed '", change).lines, ["1"])
        self.assertFalse(os.path.exists("/climbed"))

    def test_documents_that_are_nearly_right_leave_nothing(self):
        """Each is refused with words or makes a container; the host is as before."""
        numbers = random.Random(4)
        odd = [None, True, -1, 1 << 40, "", "/", "../../etc", "/proc/self/exe", "a\0b", "x" * 5000, [], {}, [None], {"a": 1}]
        path, name = self.bundle(lambda config: config["process"].update(args=["true"]))
        document = json.loads((pathlib.Path(path) / "config.json").read_text())

        def places(value, found):
            for key in value if isinstance(value, dict) else range(len(value)):
                found.append((value, key))
                if isinstance(value[key], (dict, list)):
                    places(value[key], found)
            return found
        before = self.own_mounts()
        for _ in range(80):
            changed = json.loads(json.dumps(document))
            for _ in range(numbers.randint(1, 3)):
                holder, key = numbers.choice(places(changed, []))
                holder[key] = numbers.choice(odd)
            linux = changed.get("linux")
            kinds = linux.get("namespaces") if isinstance(linux, dict) else None
            # The host's own namespaces and files are not for a test to change.
            if not isinstance(kinds, list) or len(kinds) < 5 or changed.get("root") != document["root"]:
                continue
            (pathlib.Path(path) / "config.json").write_text(json.dumps(changed))
            answer = self.runtime("run", "--bundle", path, name)
            self.assertTrue(answer.code == 0 or answer.err.startswith("skiff-runtime: ") and len(answer.err) > 20,
                            (changed, answer.code, answer.err))
            self.assertFalse((self.directory / "state" / name).exists(), changed)
            self.assertEqual([place for place in pathlib.Path("/sys/fs/cgroup").glob(f"*/{name}")], [], changed)
        self.assertEqual(self.own_mounts(), before)
