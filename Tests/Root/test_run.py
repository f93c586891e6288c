"""`skiff run` and the life of a container, from outside."""

import json
import os
import pty
import select
import socket
import subprocess
import time

from engine import SKIFF, eventually
from fixtures import EngineTest


def shim_of(pid):
    """The command line of a process that is a shim."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            line = file.read()
    except OSError:
        return b""
    return line if b"skiff-shim" in line else b""


class Running(EngineTest):
    def test_output_and_exit_code_come_through(self):
        result = self.run_skiff("run", "--rm", "busybox", "sh", "-c", "echo out; echo err >&2; exit 7", check=False)
        self.assertEqual((result.code, result.out, result.err), (7, "out\n", "err\n"))

    def test_a_client_that_goes_away_while_its_container_starts_leaves_no_shim(self):
        names = [f"left{number}" for number in range(12)]
        self.remove_later(*names)
        for number, name in enumerate(names):
            self.run_skiff("create", "--name", name, "busybox", "sleep", "1000")
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(self.engine.socket))
                client.sendall(f"POST /containers/{name}/start HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())
                time.sleep(0.003 * number)
        eventually(lambda: len(self.run_skiff("ps", "-q", "--filter", "name=left").out.split()) == len(names), 20, "their start")
        self.run_skiff("rm", "-f", *names)
        mine = f"{self.engine.directory}/".encode()
        shims = [entry for entry in os.listdir("/proc") if entry.isdigit() and mine in shim_of(entry)]
        self.assertEqual(shims, [])

    def test_rm_leaves_no_container(self):
        self.run_skiff("run", "--rm", "--name", "gone", "busybox", "true")
        eventually(lambda: "gone" not in self.run_skiff("ps", "-a", "--format", "{{.Names}}").out, 5, "the removal")

    def test_standard_input_reaches_the_process(self):
        result = self.run_skiff("run", "--rm", "-i", "busybox", "cat", input=b"a\nb\n" * 1000)
        self.assertEqual(result.out, "a\nb\n" * 1000)

    def test_containers_that_share_ipc_share_memory(self):
        self.remove_later("donor", "closed")
        self.run_skiff("run", "-d", "--name", "donor", "--ipc", "shareable", "busybox", "sh", "-c", "echo mine > /dev/shm/mine; sleep 1000")
        eventually(lambda: self.run_skiff("exec", "donor", "cat", "/dev/shm/mine", check=False).out == "mine\n", what="the file")
        command = "cat /dev/shm/mine; echo ours > /dev/shm/ours; readlink /proc/self/ns/ipc; mount | grep -c ' /dev/shm '"
        lines = self.run_skiff("run", "--rm", "--ipc", "container:donor", "busybox", "sh", "-c", command).out.splitlines()
        self.assertEqual((lines[0], lines[2]), ("mine", "1"))
        self.assertEqual(self.run_skiff("exec", "donor", "sh", "-c", "cat /dev/shm/ours; readlink /proc/self/ns/ipc").out.splitlines(), ["ours", lines[1]])
        self.run_skiff("run", "-d", "--name", "closed", "busybox", "sleep", "1000")
        self.assertIn("non-shareable IPC (hint: use IpcMode:shareable for the donor container)",
                      self.fails(125, "run", "--rm", "--ipc", "container:closed", "busybox", "true").err)

    def test_containers_that_share_a_network_share_their_name(self):
        self.remove_later("owner")
        self.run_skiff("run", "-d", "--name", "owner", "--hostname", "box", "busybox", "sleep", "1000")
        lines = self.run_skiff("run", "--rm", "--network", "container:owner", "busybox", "sh", "-c", "hostname; cat /etc/hostname; echo $HOSTNAME; hostname -i | wc -w").out
        self.assertEqual(lines.split(), ["box", "box", "box", "1"])

    def test_block_devices_are_limited_by_their_numbers(self):
        disk = next((f"/dev/{name}" for name in sorted(os.listdir("/sys/block")) if os.path.exists(f"/dev/{name}")
                     and os.path.exists(f"/sys/block/{name}/queue/scheduler")), None)
        if disk is None or not os.path.exists("/sys/fs/cgroup/blkio"):
            self.skipTest("no disk, or no blkio controller")
        number = f"{os.major(os.stat(disk).st_rdev)}:{os.minor(os.stat(disk).st_rdev)}"
        rates = ["--device-read-bps", f"{disk}:1mb", "--device-write-bps", f"{disk}:2mb", "--device-read-iops", f"{disk}:100", "--device-write-iops", f"{disk}:200"]
        files = " ".join(f"/sys/fs/cgroup/blkio/blkio.throttle.{way}_device" for way in ("read_bps", "write_bps", "read_iops", "write_iops"))
        lines = self.run_skiff("run", "--rm", *rates, "busybox", "sh", "-c", f"cat {files}").out.splitlines()
        self.assertEqual(lines, [f"{number} {rate}" for rate in (1 << 20, 2 << 20, 100, 200)])
        self.assertIn("stat /dev/not-there: no such file or directory", self.fails(127, "run", "--rm", "--device-read-bps", "/dev/not-there:1mb", "busybox", "true").err)

    def test_ports_of_the_hosts_network_are_warned_about(self):
        result = self.run_skiff("run", "--rm", "--network", "host", "-p", "80:80", "busybox", "true")
        self.assertEqual(result.err, "WARNING: Published ports are discarded when using host network mode\n")

    def test_a_command_that_is_not_in_the_image_gives_127(self):
        result = self.fails(127, "run", "--rm", "busybox", "nope")
        self.assertIn('exec: "nope": executable file not found in $PATH', result.err)
        self.assertEqual(self.run_skiff("ps", "-aq", "--filter", "status=created").out, "")

    def test_a_path_that_is_not_in_the_image_gives_127(self):
        self.assertIn("no such file or directory", self.fails(127, "run", "--rm", "busybox", "/bin/nope").err)

    def test_a_file_that_is_not_executable_gives_126(self):
        self.assertIn("permission denied", self.fails(126, "run", "--rm", "busybox", "/bin/not-executable").err)

    def test_an_unknown_flag_gives_125(self):
        self.assertIn("unknown flag: --nope", self.fails(125, "run", "--nope", "busybox").err)

    def test_a_name_in_use_gives_125_and_says_by_whom(self):
        self.remove_later("taken")
        first = self.run_skiff("create", "--name", "taken", "busybox", "true").out.strip()
        error = self.fails(125, "run", "--name", "taken", "busybox", "true").err
        self.assertIn('The container name "/taken" is already in use by container', error)
        self.assertIn(first, error)

    def test_an_unknown_command_gives_1(self):
        self.assertIn("nope", self.fails(1, "nope").err)

    def test_environment_user_directory_and_hostname(self):
        out = self.run_skiff("run", "--rm", "-e", "A=1", "-u", "web", "-w", "/www", "-h", "box", "busybox", "sh", "-c",
                             "echo $A $(id -u):$(id -g) $(pwd) $(hostname) $HOME $(id -G)").out
        self.assertEqual(out, "1 33:33 /www box /www 33 44\n")

    def test_namespaces_are_its_own(self):
        out = self.run_skiff("run", "--rm", "busybox", "sh", "-c", "echo $$; ls /proc | grep -c '^[0-9]'; ls -l /proc/self/ns").out
        self.assertTrue(out.startswith("1\n"), out)
        for kind in ("pid", "mnt", "uts", "ipc", "net", "cgroup"):
            ours = os.readlink(f"/proc/self/ns/{kind}")
            self.assertNotIn(ours, out)

    def test_capabilities_and_seccomp_are_dockers_defaults(self):
        out = self.run_skiff("run", "--rm", "busybox", "grep", "-E", "CapEff|CapBnd|Seccomp:|NoNewPrivs", "/proc/self/status").out
        self.assertIn("CapEff:\t00000000a80425fb", out)
        self.assertIn("CapBnd:\t00000000a80425fb", out)
        self.assertIn("Seccomp:\t2", out)

    def test_sensitive_parts_of_proc_and_sys_are_closed(self):
        out = self.run_skiff("run", "--rm", "busybox", "sh", "-c",
                             "cat /proc/kcore | wc -c; echo x > /proc/sys/kernel/domainname || echo refused; mount -t tmpfs t /tmp || echo refused").out
        self.assertEqual(out.split(), ["0", "refused", "refused"])

    def test_memory_and_process_limits_hold(self):
        info = self.run_skiff("run", "-d", "-m", "64m", "--pids-limit", "10", "--cpus", "0.5", "busybox", "sleep", "60").out.strip()
        self.remove_later(info)
        data = self.engine.inspect(info)[0]["HostConfig"]
        self.assertEqual((data["Memory"], data["PidsLimit"], data["NanoCpus"]), (64 << 20, 10, 500000000))
        pid = self.engine.inspect(info)[0]["State"]["Pid"]
        groups = dict(line.strip().split(":")[1:] for line in open(f"/proc/{pid}/cgroup"))
        path = groups.get("memory") or groups.get("")
        limit = f"/sys/fs/cgroup/memory{path}/memory.limit_in_bytes"
        if not os.path.exists(limit):
            limit = f"/sys/fs/cgroup{path}/memory.max"
        self.assertEqual(int(open(limit).read()), 64 << 20)

    def test_a_container_killed_at_its_memory_limit_says_so(self):
        self.remove_later("greedy")
        self.fails(137, "run", "--name", "greedy", "-m", "16m", "--memory-swap", "16m", "busybox", "sh", "-c",
                   "dd if=/dev/zero of=/dev/null bs=100M count=1")
        self.assertTrue(self.engine.inspect("greedy")[0]["State"]["OOMKilled"])

    def test_ps_shows_dockers_columns(self):
        self.remove_later("shown")
        self.run_skiff("run", "-d", "--name", "shown", "-l", "a=b", "busybox", "sleep", "1000")
        lines = self.run_skiff("ps").out.splitlines()
        self.assertEqual(lines[0].split(), "CONTAINER ID IMAGE COMMAND CREATED STATUS PORTS NAMES".split())
        self.assertRegex(lines[1], r'^[0-9a-f]{12}\s+busybox\s+"sleep 1000"\s+.* ago\s+Up .*shown$')

    def test_stop_kill_start_restart_and_wait(self):
        self.remove_later("life")
        self.run_skiff("run", "-d", "--name", "life", "busybox", "sh", "-c", "trap 'exit 3' TERM; while :; do sleep 0.05; done")
        started = time.monotonic()
        self.assertEqual(self.run_skiff("stop", "life").out, "life\n")
        self.assertLess(time.monotonic() - started, 5)
        self.assertEqual(self.run_skiff("wait", "life").out, "3\n")
        self.run_skiff("start", "life")
        self.run_skiff("restart", "-t", "2", "life")
        self.run_skiff("kill", "life")
        self.assertEqual(self.run_skiff("wait", "life").out, "137\n")
        self.assertEqual(self.engine.inspect("life")[0]["State"]["Status"], "exited")

    def test_pause_and_unpause(self):
        self.remove_later("paused")
        self.run_skiff("run", "-d", "--name", "paused", "busybox", "sleep", "1000")
        self.run_skiff("pause", "paused")
        self.assertIn("(Paused)", self.run_skiff("ps").out)
        self.run_skiff("unpause", "paused")
        self.assertEqual(self.run_skiff("exec", "paused", "echo", "awake").out, "awake\n")

    def test_logs_keep_both_streams_in_order(self):
        self.remove_later("talker")
        self.run_skiff("run", "--name", "talker", "busybox", "sh", "-c", "for i in 1 2 3; do echo line $i; done; echo problem >&2")
        result = self.run_skiff("logs", "talker")
        self.assertEqual(result.out, "line 1\nline 2\nline 3\n")
        self.assertEqual(result.err, "problem\n")
        self.assertEqual(self.run_skiff("logs", "-n", "1", "talker").err, "problem\n")
        self.assertRegex(self.run_skiff("logs", "-t", "talker").out, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z line 1\n")

    def test_logs_follow_until_the_end(self):
        self.remove_later("slow")
        self.run_skiff("run", "-d", "--name", "slow", "busybox", "sh", "-c", "for i in 1 2 3 4 5; do echo $i; sleep 0.1; done")
        self.assertEqual(self.run_skiff("logs", "-f", "slow").out, "1\n2\n3\n4\n5\n")

    def test_exec_has_input_user_directory_and_exit_code(self):
        self.remove_later("host")
        self.run_skiff("run", "-d", "--name", "host", "-e", "FROM=container", "busybox", "sleep", "1000")
        self.assertEqual(self.run_skiff("exec", "-i", "host", "cat", input=b"through").out, "through")
        self.assertEqual(self.run_skiff("exec", "-u", "web", "-w", "/tmp", "-e", "X=y", "host", "sh", "-c",
                                        "echo $(id -un) $(pwd) $X $FROM").out, "web /tmp y container\n")
        self.fails(9, "exec", "host", "sh", "-c", "exit 9")
        self.fails(127, "exec", "host", "nope")
        self.assertIn("No such container: nobody", self.fails(1, "exec", "nobody", "true").err)

    def test_a_terminal_is_a_terminal(self):
        self.remove_later("typed")
        leader, follower = pty.openpty()
        process = subprocess.Popen([SKIFF, "run", "-it", "--name", "typed", "busybox", "sh"], stdin=follower, stdout=follower,
                                   stderr=follower, env=dict(os.environ, SKIFF_HOST=self.engine.host), start_new_session=True)
        os.close(follower)
        os.write(leader, b"tty; stty size; exit 4\n")
        seen = b""
        end = time.monotonic() + 20
        while process.poll() is None and time.monotonic() < end:
            if select.select([leader], [], [], 0.1)[0]:
                try:
                    seen += os.read(leader, 4096)
                except OSError:
                    break
        self.assertEqual(process.wait(timeout=10), 4, seen)
        os.close(leader)
        self.assertIn(b"/dev/pts/0", seen)

    def test_who_attaches_the_input_alone_reads_nothing(self):
        result = self.run_skiff("run", "--rm", "-i", "-a", "stdin", "busybox", "sh", "-c", "cat; exit 3", input=b"unseen\n", check=False)
        self.assertEqual((result.code, result.out), (3, ""), result)

    def test_attach_shows_what_comes(self):
        self.remove_later("stream")
        self.run_skiff("run", "-d", "--name", "stream", "busybox", "sh", "-c", "sleep 0.5; echo words; exit 5")
        result = self.run_skiff("attach", "--no-stdin", "stream", check=False)
        self.assertEqual((result.code, result.out), (5, "words\n"))

    def test_rm_of_a_running_container_needs_force(self):
        self.remove_later("busy")
        self.run_skiff("run", "-d", "--name", "busy", "busybox", "sleep", "1000")
        self.assertIn("container is running: stop the container before removing or force remove", self.fails(1, "rm", "busy").err)
        self.run_skiff("rm", "-f", "busy")
        self.assertIn("No such container: busy", self.fails(1, "rm", "busy").err)

    def test_top_lists_its_processes(self):
        self.remove_later("tops")
        self.run_skiff("run", "-d", "--name", "tops", "busybox", "sleep", "1234")
        self.assertIn("sleep 1234", self.run_skiff("top", "tops").out)

    def test_top_of_what_ends_before_it_is_looked_at_says_so(self):
        self.remove_later("brief")
        self.run_skiff("run", "-d", "--name", "brief", "busybox", "sleep", "0.08")
        self.assertIn("is not running", self.fails(1, "top", "brief").err)

    def test_rename_and_inspect(self):
        self.remove_later("new-name")
        self.run_skiff("create", "--name", "old-name", "busybox", "true")
        self.run_skiff("rename", "old-name", "new-name")
        data = json.loads(self.run_skiff("inspect", "new-name").out)[0]
        self.assertEqual((data["Name"], data["State"]["Status"], data["Path"]), ("/new-name", "created", "true"))
        self.assertEqual(self.run_skiff("inspect", "-f", "{{.Name}} {{.State.Running}}", "new-name").out, "/new-name false\n")

    def test_restart_policy_brings_it_back(self):
        self.remove_later("phoenix")
        self.run_skiff("run", "-d", "--name", "phoenix", "--restart", "on-failure:2", "busybox", "false")
        eventually(lambda: self.engine.inspect("phoenix")[0]["State"]["Status"] == "exited"
                   and self.engine.inspect("phoenix")[0]["RestartCount"] == 2, 15, "two restarts")

    def test_an_unknown_image_without_a_registry_gives_125_quickly(self):
        started = time.monotonic()
        error = self.fails(125, "run", "--rm", "localhost:1/no/such:image", "true").err
        self.assertIn("localhost:1", error)
        self.assertLess(time.monotonic() - started, 10)
