"""The Engine API as other people's clients use it: what they send, what they wait for, and what strangers may not do."""

import base64
import hashlib
import http.client
import http.server
import io
import json
import os
import pathlib
import random
import resource
import socket
import tarfile
import tempfile
import threading
import time
import unittest
import urllib.parse

from engine import Engine, eventually
from fixtures import EngineTest


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(self.path)


class Web:
    """A server on loopback that gives out what it was given."""

    def __init__(self, files):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = files.get(self.path)
                self.send_response(200 if body is not None else 404)
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def tar_of(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o755
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


class APITest(EngineTest):
    def call(self, method, path, body=None, headers=None, version="v1.51"):
        """Answers status and body; JSON goes out where `body` is no bytes."""
        connection = UnixConnection(self.engine.socket)
        headers = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        connection.request(method, f"/{version}{path}" if version else path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content

    def json(self, method, path, body=None, status=200, **options):
        got, content = self.call(method, path, body, **options)
        self.assertEqual(got, status, content)
        return json.loads(content) if content else None

    def raw(self, text):
        """A connection on which `text` was sent."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(20)
        connection.connect(str(self.engine.socket))
        self.addCleanup(connection.close)
        connection.sendall(text.encode())
        return connection

    def head(self, connection):
        """The answer's head, and what came behind it."""
        seen = b""
        while b"\r\n\r\n" not in seen:
            piece = connection.recv(4096)
            if not piece:
                break
            seen += piece
        head, _, rest = seen.partition(b"\r\n\r\n")
        return head.decode(), rest

    def create(self, name, *command, **config):
        self.remove_later(name)
        body = {"Image": "busybox", "Cmd": list(command), **config}
        return self.json("POST", f"/containers/create?name={name}", body, status=201)["Id"]

    def start(self, name):
        self.json("POST", f"/containers/{name}/start", status=204)

    def run_detached(self, name, *command, **config):
        id = self.create(name, *command, **config)
        self.start(name)
        return id

    def inspect(self, name):
        return self.json("GET", f"/containers/{name}/json")


class Warnings(APITest):
    """What a client asks for and does not get, in docker's words."""

    def warnings(self, name, **host):
        self.remove_later(name)
        body = {"Image": "busybox", "Cmd": ["sleep", "100"], "HostConfig": host}
        return self.json("POST", f"/containers/create?name={name}", body, status=201)["Warnings"]

    def test_what_makes_no_difference_is_told(self):
        self.assertEqual(self.warnings("usual", Memory=64 << 20), [])
        ports = {"80/tcp": [{"HostPort": "0"}]}
        self.assertEqual(self.warnings("hosts", NetworkMode="host", PortBindings=ports),
                         ["Published ports are discarded when using host network mode"])
        if os.path.exists("/sys/fs/cgroup/memory/memory.oom_control"):
            reckless = self.warnings("reckless", OomKillDisable=True)
            self.assertEqual([text[:50] for text in reckless], ["OOM killer is disabled for the container, but no m"])

    def test_a_limit_that_the_kernel_does_not_know_is_left_out(self):
        features = self.json("GET", "/info")
        self.assertTrue(features["MemoryLimit"])
        if not os.path.isdir("/sys/fs/cgroup/blkio") or os.path.exists("/sys/fs/cgroup/blkio/blkio.weight"):
            self.skipTest("this kernel has weights of block devices")
        text = "Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded."
        self.assertEqual(self.warnings("weighty", BlkioWeight=300), [text])
        self.start("weighty")
        self.assertEqual(self.inspect("weighty")["HostConfig"]["BlkioWeight"], 0)
        self.assertEqual(self.json("POST", "/containers/weighty/update", {"BlkioWeight": 300}), {"Warnings": [text]})

    def test_swap_without_memory_is_refused(self):
        body = {"Image": "busybox", "HostConfig": {"MemorySwap": 64 << 20}}
        answer = self.json("POST", "/containers/create", body, status=400)
        self.assertEqual(answer["message"], "You should always set the Memory limit when using Memoryswap limit, see usage")


class Update(APITest):
    def limit(self, name, file="memory.limit_in_bytes", controller="memory"):
        pid = self.inspect(name)["State"]["Pid"]
        lines = pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines()
        path = next(line.split(":", 2)[2] for line in lines if controller in line.split(":")[1].split(","))
        return int(pathlib.Path(f"/sys/fs/cgroup/{controller}{path}/{file}").read_text())

    def test_limits_change_while_it_runs_and_hold_after_a_restart(self):
        if not os.path.isdir("/sys/fs/cgroup/memory"):
            self.skipTest("reads version 1 cgroups")
        self.run_detached("updated", "sleep", "100", HostConfig={"Memory": 64 << 20, "RestartPolicy": {"Name": "always"}})
        self.assertEqual(self.limit("updated"), 64 << 20)
        change = {"Memory": 32 << 20, "MemorySwap": 32 << 20, "CpuShares": 512, "PidsLimit": 20}
        self.assertEqual(self.json("POST", "/containers/updated/update", change), {"Warnings": []})
        self.assertEqual(self.limit("updated"), 32 << 20)
        self.assertEqual(self.limit("updated", "cpu.shares", "cpu"), 512)
        self.assertEqual(self.limit("updated", "pids.max", "pids"), 20)
        host = self.inspect("updated")["HostConfig"]
        self.assertEqual((host["Memory"], host["CpuShares"], host["PidsLimit"]), (32 << 20, 512, 20))
        # The shim starts it again, without the daemon's help.
        first = self.inspect("updated")["State"]["Pid"]
        os.kill(first, 9)
        eventually(lambda: self.inspect("updated")["State"]["Pid"] not in (0, first), 10, "the restart")
        self.assertEqual(self.limit("updated"), 32 << 20)

    def test_the_restart_policy_can_be_changed_and_takes_hold(self):
        self.run_detached("calmed", "sleep", "100", HostConfig={"RestartPolicy": {"Name": "always"}})
        self.json("POST", "/containers/calmed/update", {"RestartPolicy": {"Name": "no"}})
        self.assertEqual(self.inspect("calmed")["HostConfig"]["RestartPolicy"]["Name"], "no")
        os.kill(self.inspect("calmed")["State"]["Pid"], 9)
        eventually(lambda: self.inspect("calmed")["State"]["Status"] == "exited", 10, "the end")

    def test_what_contradicts_itself_is_refused_and_nothing_changes(self):
        self.create("strict", "true", HostConfig={"NanoCpus": 500000000})
        self.json("POST", "/containers/strict/update", {"CpuQuota": 1000}, status=409)
        self.json("POST", "/containers/strict/update", {"Memory": 1000}, status=400)
        self.json("POST", "/containers/nobody/update", {"Memory": 64 << 20}, status=404)
        self.assertEqual(self.inspect("strict")["HostConfig"]["CpuQuota"], 0)
        self.assertEqual(self.inspect("strict")["HostConfig"]["Memory"], 0)


class Streams(APITest):
    def test_attaching_by_web_socket_carries_both_ways(self):
        self.create("socket", "sh", "-c", "read word; echo got $word", OpenStdin=True, StdinOnce=True)
        key = base64.b64encode(b"0123456789abcdef").decode()
        connection = self.raw(
            "GET /v1.47/containers/socket/attach/ws?stream=1&stdin=1&stdout=1&stderr=1 HTTP/1.1\r\nHost: d\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n")
        head, seen = self.head(connection)
        self.assertIn("101", head.splitlines()[0])
        accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
        self.assertIn(accept, head)
        self.start("socket")
        word = b"hello\n"
        connection.sendall(bytes([0x82, 0x80 | len(word), 0, 0, 0, 0]) + word)
        while len(seen) < 2 or len(seen) < 2 + seen[1]:
            seen += connection.recv(4096)
        self.assertEqual(seen[:2 + seen[1]], bytes([0x82, 10]) + b"got hello\n")

    def test_a_handshake_that_is_none_is_refused(self):
        self.create("shy", "true")
        status, content = self.call("GET", "/containers/shy/attach/ws?stream=1")
        self.assertEqual((status, b"handshake" in content), (400, True))

    def test_the_start_of_an_exec_says_whether_there_are_frames(self):
        self.run_detached("framed", "sleep", "100")
        for terminal, expected in ((False, b"\x01\0\0\0\0\0\0\x02ok"), (True, b"ok")):
            made = self.json("POST", "/containers/framed/exec", {"Cmd": ["printf", "ok"], "Tty": True, "AttachStdout": True}, status=201)
            status, content = self.call("POST", f"/exec/{made['Id']}/start", {"Detach": False, "Tty": terminal})
            self.assertEqual((status, content), (200, expected))

    def test_output_waits_until_the_head_was_read(self):
        # Clients that read the head through a buffer lose what comes together with it.
        self.run_detached("patient", "sleep", "100")
        made = self.json("POST", "/containers/patient/exec", {"Cmd": ["printf", "ok"], "AttachStdout": True}, status=201)
        connection = self.raw(
            f"POST /v1.47/exec/{made['Id']}/start HTTP/1.1\r\nHost: d\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n"
            "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
        time.sleep(0.2)
        self.assertTrue(connection.recv(65536).endswith(b"\r\n\r\n"))
        self.assertEqual(connection.recv(65536), b"\x01\0\0\0\0\0\0\x02ok")

    def test_details_stand_before_the_lines_of_a_log(self):
        self.run_detached("detailed", "echo", "line", Labels={"tier": "one"}, HostConfig={"LogConfig": {"Type": "json-file", "Config": {"labels": "tier"}}})
        self.json("POST", "/containers/detailed/wait")
        _, content = self.call("GET", "/containers/detailed/logs?stdout=1&details=1")
        self.assertEqual(content[8:], b"tier=one line\n")

    def test_a_broken_archive_is_told_in_the_stream(self):
        status, content = self.call("POST", "/images/load", b"no archive", {"Content-Type": "application/x-tar"})
        self.assertEqual(status, 200)
        self.assertIn("error", json.loads(content.splitlines()[-1]))


class Life(APITest):
    def test_who_waits_hears_of_an_exit_that_a_restart_follows(self):
        self.create("again", "sh", "-c", "sleep 0.3; exit 7", HostConfig={"RestartPolicy": {"Name": "always"}})
        self.start("again")
        self.assertEqual(self.json("POST", "/containers/again/wait")["StatusCode"], 7)

    def test_conditions_of_waiting(self):
        self.create("awaited", "sh", "-c", "exit 5")
        self.assertEqual(self.json("POST", "/containers/awaited/wait?condition=not-running")["StatusCode"], 0)
        waiting = {}
        for condition in ("next-exit", "removed"):
            waiting[condition] = self.raw(f"POST /v1.47/containers/awaited/wait?condition={condition} HTTP/1.1\r\nHost: d\r\n\r\n")
            # The head comes at once, so that a client knows when it may start the container.
            self.assertIn("200", self.head(waiting[condition])[0])
        self.start("awaited")
        self.assertIn(b'"StatusCode":5', waiting["next-exit"].recv(4096))
        waiting["removed"].setblocking(False)
        with self.assertRaises(BlockingIOError):
            waiting["removed"].recv(4096)
        waiting["removed"].settimeout(20)
        self.json("DELETE", "/containers/awaited", status=204)
        self.assertIn(b'"StatusCode":5', waiting["removed"].recv(4096))
        self.json("POST", "/containers/awaited/wait?condition=never", status=400)

    def test_a_signal_that_comes_before_the_init_is_there_is_not_lost(self):
        for number in range(20):
            self.run_detached(f"early{number}", "sleep", "100", HostConfig={"Init": True})
            self.json("POST", f"/containers/early{number}/kill?signal=HUP", status=204)
        for number in range(20):
            self.assertEqual(self.json("POST", f"/containers/early{number}/wait")["StatusCode"], 129)

    def test_an_init_hands_signals_on_and_ends_as_its_command(self):
        self.run_detached("initial", "sleep", "100", HostConfig={"Init": True})
        # The kernel tells of a new program before its arguments can be read.
        eventually(lambda: "docker-init -- sleep 100" in self.json("GET", "/containers/initial/top")["Processes"][0][-1])
        self.json("POST", "/containers/initial/kill?signal=HUP", status=204)
        self.assertEqual(self.json("POST", "/containers/initial/wait")["StatusCode"], 129)
        self.create("missing", "nope", HostConfig={"Init": True})
        self.start("missing")
        self.assertEqual(self.json("POST", "/containers/missing/wait")["StatusCode"], 127)

    def test_links_on_the_default_bridge(self):
        self.run_detached("child", "sleep", "100", Env=["FOO=1"], ExposedPorts={"80/tcp": {}})
        self.create("parent", "sh", "-c", "env; cat /etc/hosts", HostConfig={"Links": ["child:kid"]})
        self.assertEqual(self.inspect("parent")["HostConfig"]["Links"], ["/child:/parent/kid"])
        self.start("parent")
        self.json("POST", "/containers/parent/wait")
        _, log = self.call("GET", "/containers/parent/logs?stdout=1")
        address = self.inspect("child")["NetworkSettings"]["IPAddress"]
        for line in ("KID_NAME=/parent/kid", "KID_ENV_FOO=1", f"KID_PORT_80_TCP_ADDR={address}", f"{address}\tkid "):
            self.assertIn(line.encode(), log)
        self.json("DELETE", "/containers/parent/kid?link=1", status=204)
        self.json("DELETE", "/containers/parent/kid?link=1", status=404)
        self.assertIsNone(self.inspect("parent")["HostConfig"].get("Links"))

    def test_a_variable_without_a_value_is_unset(self):
        self.create("bare", "env", Env=["PATH", "A=", "HOSTNAME"])
        self.assertEqual(sorted(self.inspect("bare")["Config"]["Env"]), ["A=", "HOSTNAME", "PATH"])
        self.json("POST", "/containers/bare/update", {"CpuShares": 512})
        self.create("bare2", "/bin/env", Env=["PATH", "A="])
        self.start("bare2")
        self.json("POST", "/containers/bare2/wait")
        _, log = self.call("GET", "/containers/bare2/logs?stdout=1")
        self.assertIn(b"A=\n", log)
        self.assertNotIn(b"PATH", log)

    def test_a_container_that_changed_nothing_has_no_changes(self):
        self.run_detached("still", "true")
        self.json("POST", "/containers/still/wait")
        self.assertIn(self.json("GET", "/containers/still/changes"), ([], None))
        self.run_detached("moved", "touch", "/etc/new")
        self.json("POST", "/containers/moved/wait")
        self.assertEqual(self.json("GET", "/containers/moved/changes"), [{"Path": "/etc", "Kind": 0}, {"Path": "/etc/new", "Kind": 1}])


class Races(APITest):
    def test_who_has_just_ended_can_be_removed_killed_stopped_and_committed(self):
        """The shim may be going while it is asked: that is no failure of the engine."""
        for round in range(30):
            name = f"brief{round}"
            self.run_detached(name, "true")
            if round % 3 == 0:
                image = self.json("POST", f"/commit?container={name}", status=201)["Id"]
                self.json("DELETE", f"/images/{image}")
            if round % 3 == 1:
                status, content = self.call("POST", f"/containers/{name}/kill")
                self.assertIn(status, (204, 409), content)
            if round % 3 == 2:
                status, content = self.call("POST", f"/containers/{name}/stop")
                self.assertIn(status, (204, 304), content)
            self.json("DELETE", f"/containers/{name}?force=1", status=204)
        eventually(lambda: not [one for one in self.json("GET", "/containers/json?all=1") if "brief" in one["Names"][0]])


class Events(APITest):
    def sequence(self, since, name):
        events = self.engine.run("events", "--since", since, "--until", str(time.time()), "--format", "{{json .}}").out.splitlines()
        return [event["Action"] for event in map(json.loads, events) if name in (event["Actor"]["Attributes"].get("name"), event["Actor"]["ID"])]

    def test_the_sequences_are_dockers(self):
        since = str(time.time())
        self.engine.run("volume", "create", "seq-data")
        self.run_detached("seq", "sleep", "100", HostConfig={"Binds": ["seq-data:/d"]})
        # PID 1 without a handler for it does not hear SIGTERM.
        self.json("POST", "/containers/seq/stop?t=1", status=204)
        self.start("seq")
        self.json("POST", "/containers/seq/update", {"CpuShares": 512})
        made = self.json("POST", "/containers/seq/exec", {"Cmd": ["true"], "AttachStdout": True}, status=201)
        self.call("POST", f"/exec/{made['Id']}/start", {})
        self.json("GET", "/containers/seq/top")
        self.json("POST", "/containers/seq/kill", status=204)
        self.json("DELETE", "/containers/seq", status=204)
        self.engine.run("volume", "rm", "seq-data")
        self.assertEqual(
            self.sequence(since, "seq"),
            ["create", "start", "kill", "kill", "die", "stop", "start", "update", "exec_create: true ", "exec_start: true ", "exec_die", "top",
             "kill", "die", "destroy"])
        self.assertEqual(self.sequence(since, "seq-data"), ["create", "mount", "unmount", "mount", "unmount", "destroy"])


    def test_a_restart_by_policy_tells_of_the_networks_as_well(self):
        since = str(time.time())
        id = self.run_detached("twice", "sh", "-c", "test -e /ran && exec sleep 100; touch /ran; exit 3",
                               HostConfig={"RestartPolicy": {"Name": "on-failure"}})
        eventually(lambda: self.inspect("twice")["RestartCount"] == 1)
        self.json("POST", "/containers/twice/kill", status=204)
        events = self.engine.run("events", "--since", since, "--until", str(time.time()), "--format", "{{json .}}").out.splitlines()
        told = [event["Action"] for event in map(json.loads, events)
                if id in (event["Actor"]["ID"], event["Actor"]["Attributes"].get("container"))]
        self.assertEqual(told, ["create", "connect", "start", "die", "disconnect", "connect", "start", "kill", "die", "disconnect"])


class Files(APITest):
    def get(self, name, path):
        status, content = self.call("GET", f"/containers/{name}/archive?path={urllib.parse.quote(path)}")
        self.assertEqual(status, 200, content)
        return tarfile.open(fileobj=io.BytesIO(content))

    def test_files_go_into_and_out_of_a_container_that_runs(self):
        self.run_detached("copied", "sh", "-c", "mkdir /w; echo one >/w/a; chown 33:44 /w/a; chmod 640 /w/a; ln -s a /w/l; touch /w/ready; sleep 100")
        eventually(lambda: self.call("HEAD", "/containers/copied/archive?path=/w/ready")[0] == 200)
        out = self.get("copied", "/w")
        one = out.getmember("w/a")
        self.assertEqual((one.uid, one.gid, one.mode & 0o777), (33, 44, 0o640))
        self.assertEqual(out.getmember("w/l").linkname, "a")
        # A link that is asked for comes as a link.
        self.assertTrue(self.get("copied", "/w/l").getmember("l").issym())
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            entry = tarfile.TarInfo("in")
            entry.size, entry.mode, entry.uid, entry.gid = 3, 0o604, 7, 8
            tar.addfile(entry, io.BytesIO(b"two"))
        self.assertEqual(self.call("PUT", "/containers/copied/archive?path=/w", buffer.getvalue())[0], 200)
        self.assertEqual(self.engine.run("exec", "copied", "stat", "-c", "%u %g %a", "/w/in").out, "7 8 604\n")
        self.assertEqual(self.call("PUT", "/containers/copied/archive?path=/w/a", buffer.getvalue())[0], 400)
        self.assertEqual(self.call("PUT", "/containers/copied/archive?path=/nowhere", buffer.getvalue())[0], 404)
        self.assertEqual(self.call("GET", "/containers/copied/archive?path=/nowhere")[0], 404)

    def test_no_archive_and_no_link_leads_out_of_a_container(self):
        self.run_detached("walled", "sh", "-c", "ln -s /../../../../tmp /out; touch /ready; sleep 100")
        eventually(lambda: self.call("HEAD", "/containers/walled/archive?path=/ready")[0] == 200)
        name = f"skiff-escape-{os.getpid()}"
        for member, place in ((f"../../../../tmp/{name}", "/"), (name, "/out")):
            self.call("PUT", f"/containers/walled/archive?path={place}", tar_of({member: b"x"}))
            self.assertFalse(os.path.exists(f"/tmp/{name}"), member)

    def test_docker_cp_keeps_owners_with_archive_and_follows_links_with_follow(self):
        docker = self.engine.docker
        self.run_detached("cpd", "sh", "-c", "echo far >/far; ln -s /far /near; sleep 100")
        with tempfile.TemporaryDirectory() as directory:
            file = pathlib.Path(directory) / "mine"
            file.write_text("mine\n")
            os.chown(file, 33, 44)
            docker("cp", str(file), "cpd:/plain")
            docker("cp", "-a", str(file), "cpd:/kept")
            self.assertEqual(docker("exec", "cpd", "stat", "-c", "%u:%g", "/kept").out, "33:44\n")
            eventually(lambda: docker("exec", "cpd", "cat", "/near", check=False).code == 0)
            docker("cp", "-L", "cpd:/near", f"{directory}/followed")
            self.assertEqual((pathlib.Path(directory) / "followed").read_text(), "far\n")
            docker("cp", "cpd:/near", f"{directory}/link")
            self.assertTrue((pathlib.Path(directory) / "link").is_symlink())
            # Through a link that is the target, as cp does it.
            docker("cp", str(file), "cpd:/near")
            self.assertEqual(docker("exec", "cpd", "cat", "/far").out, "mine\n")


class FromTheWeb(APITest):
    def test_images_are_imported_and_built_from_urls(self):
        dockerfile = b"FROM busybox\nRUN echo built >/made\n"
        web = Web({
            "/root.tar": tar_of({"hello": b"from the web"}), "/Dockerfile": dockerfile,
            "/context.tar": tar_of({"Dockerfile": b"FROM busybox\nCOPY word /word\n", "word": b"copied"})})
        self.addCleanup(web.close)
        status, content = self.call("POST", f"/images/create?fromSrc={web.url}/root.tar&repo=webbed&changes=CMD+%5B%22x%22%5D")
        self.assertEqual(status, 200)
        lines = [json.loads(line)["status"] for line in content.splitlines()]
        self.assertEqual(lines[0], f"Downloading from {web.url}/root.tar")
        self.assertEqual(self.json("GET", "/images/webbed/json")["Id"], lines[-1])
        for path, words in (("Dockerfile", ["cat", "/made"]), ("context.tar", ["cat", "/word"])):
            status, content = self.call("POST", f"/build?remote={web.url}/{path}&t=remote")
            self.assertIn(b"Successfully built", content)
            self.assertIn(self.engine.run("run", "--rm", "remote", *words).out, ("built\n", "copied"))
        _, content = self.call("POST", f"/build?remote={web.url}/missing")
        self.assertIn(b"404", content)
        for remote, word in (("https://example.invalid/a.git", "git"), ("ftp://x/y", "http")):
            status, content = self.call("POST", f"/build?remote={remote}")
            self.assertIn((status, word in content.decode()), ((400, True), (501, True)))
        leftovers = [name for name in os.listdir(self.engine.directory / "data/tmp") if name.startswith("build-")]
        self.assertEqual(leftovers, [])

    def test_a_build_whose_client_goes_leaves_no_step_behind(self):
        context = tar_of({"Dockerfile": b"FROM busybox\nRUN sleep 60\n"})
        for wait in (0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12):
            connection = self.raw(f"POST /v1.47/build?nocache=1 HTTP/1.1\r\nHost: d\r\nContent-Length: {len(context)}\r\n\r\n")
            connection.sendall(context)
            # Somewhere between the step's making and its running.
            time.sleep(wait)
            connection.close()
        directory = str(self.engine.directory)

        def steps():
            return [name for name in os.listdir("/proc") if name.isdigit() and self.is_step(name, directory)]
        eventually(lambda: not steps(), 20, "the end of every step")
        self.assertEqual(self.call("GET", "/_ping")[0], 200)

    @staticmethod
    def is_step(pid, directory):
        try:
            words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False
        return f"{directory}/data/tmp/step-".encode() in words

    def test_a_dockerfile_from_standard_input_builds(self):
        with tempfile.TemporaryDirectory() as directory:
            self.write(directory, {"word": "x\n"})
            built = self.engine.docker("build", "-q", "-t", "piped", "-f", "-", directory, input=b"FROM busybox\nCOPY word /\n")
            self.assertIn("sha256:", built.out)

    def test_only_named_images_lend_their_steps(self):
        context = tar_of({"Dockerfile": b"FROM busybox\nENV LENT=1\nRUN touch /lent\n"})
        self.call("POST", "/build?t=lender", context)
        _, content = self.call("POST", "/build?t=other&cachefrom=%5B%22lender%22%5D", context)
        self.assertEqual(content.count(b"Using cache"), 2)
        _, content = self.call("POST", "/build?t=other&cachefrom=%5B%22nobody%22%5D", context)
        self.assertEqual(content.count(b"Using cache"), 0)


class FewDescriptors(unittest.TestCase):
    def test_silent_clients_leave_descriptors_to_the_next(self):
        engine = Engine(wrapper=("prlimit", "--nofile=256:256")).start()
        self.addCleanup(engine.close)
        silent = []
        for _ in range(400):
            connection = socket.socket(socket.AF_UNIX)
            self.addCleanup(connection.close)
            connection.settimeout(20)
            connection.connect(str(engine.socket))
            silent.append(connection)
        self.assertEqual(engine.run("version", timeout=20).code, 0)


class Strangers(APITest):
    def test_a_thousand_silent_clients_do_not_stop_the_next(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        silent = []
        try:
            for number in range(1000):
                connection = socket.socket(socket.AF_UNIX)
                connection.connect(str(self.engine.socket))
                # Half of them begin a request that they never finish.
                if number % 2:
                    connection.sendall(b"GET /_ping HTTP/1.1\r\nHost:")
                silent.append(connection)
            began = time.monotonic()
            self.assertEqual(self.call("GET", "/_ping"), (200, b"OK"))
            self.assertLess(time.monotonic() - began, 5)
            self.assertEqual(self.engine.run("run", "--rm", "busybox", "echo", "still").out, "still\n")
        finally:
            for connection in silent:
                connection.close()

    def test_who_vanishes_leaves_nothing_open(self):
        self.run_detached("talker", "sh", "-c", "while true; do echo line; sleep 0.1; done")
        self.run_detached("listener", "cat", OpenStdin=True)
        descriptors = f"/proc/{self.engine.process.pid}/fd"
        upgrade = "Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n"
        before = len(os.listdir(descriptors))
        for number in range(10):
            for method, path, headers in (("POST", "/containers/listener/attach?stream=1&stdin=1&stdout=1", upgrade),
                                          ("GET", "/containers/talker/logs?follow=1&stdout=1", ""), ("GET", "/events", ""),
                                          ("GET", "/containers/talker/stats", ""), ("POST", "/containers/talker/wait", "Content-Length: 0\r\n"),
                                          ("POST", "/v1.24/containers/talker/wait", "Content-Length: 0\r\n"),
                                          ("POST", "/build", "Content-Type: application/x-tar\r\nContent-Length: 10000\r\n")):
                connection = self.raw(f"{method} {path} HTTP/1.1\r\nHost: d\r\n{headers}\r\n")
                if number % 2:
                    connection.shutdown(socket.SHUT_WR)
                connection.close()
            # Asks much ahead, and reads nothing of it.
            connection = self.raw("GET /info HTTP/1.1\r\nHost: d\r\n\r\n" * 300)
            connection.close()
        eventually(lambda: len(os.listdir(descriptors)) <= before, 20, "the end of every connection")

    def test_heads_and_bodies_are_bounded(self):
        connection = self.raw("GET /_ping HTTP/1.1\r\nHost: d\r\n")
        line = b"X-Filler: " + b"a" * 8000 + b"\r\n"
        try:
            for _ in range(300):
                connection.sendall(line)
        except OSError:
            pass
        self.assertIn("431", self.head(connection)[0])
        connection = self.raw(
            f"POST /v1.47/containers/create HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: {1 << 40}\r\n\r\n")
        filler = b" " * (1 << 20)
        try:
            for _ in range(40):
                connection.sendall(filler)
        except OSError:
            pass
        self.assertIn("413", self.head(connection)[0])

    def test_what_is_no_request_is_refused_and_the_engine_lives(self):
        for text in ("\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "POST /v1.47/build HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                     "GET /v1.47/containers/json?filters=%7B HTTP/1.1\r\nHost: d\r\n\r\n", "GET /v99.9/info HTTP/1.1\r\nHost: d\r\n\r\n"):
            self.assertRegex(self.head(self.raw(text))[0].splitlines()[0], r"HTTP/1\.[01] [45]\d\d", text)
        deep = b"[" * 100000
        self.assertEqual(self.call("POST", "/containers/create", deep, {"Content-Type": "application/json"})[0], 400)
        self.assertEqual(self.call("GET", "/_ping")[0], 200)

    def test_a_filter_that_nobody_knows_removes_nothing(self):
        self.create("spared", "true")
        self.engine.run("volume", "create", "spared-data")
        wrong = urllib.parse.quote('{"labels": ["x"]}')
        for kind in ("containers", "volumes", "networks", "images"):
            self.assertIn("labels", self.json("POST", f"/{kind}/prune?filters={wrong}", status=400)["message"])
        self.inspect("spared")
        self.json("GET", "/volumes/spared-data")
        self.engine.run("volume", "rm", "spared-data")

    def test_whatever_is_asked_it_answers_and_blames_the_asker(self):
        self.create("fuzzed", "true")
        dice = random.Random(20)
        paths = [f"/containers/fuzzed/{word}" for word in ("json", "top", "logs", "changes", "resize", "stop", "kill", "update", "rename", "archive", "exec")]
        paths += ["/containers/json", "/containers/create", "/exec/x/start", "/images/json", "/images/load", "/images/busybox/tag", "/build",
                  "/networks", "/networks/create", "/networks/bridge/connect", "/volumes", "/volumes/create", "/commit", "/events", "/system/df"]
        keys = ("Image Cmd Env HostConfig Labels Memory Binds Mounts PortBindings ExposedPorts NetworkMode Healthcheck Ulimits Devices Tmpfs LogConfig "
                "Container EndpointConfig IPAM Config Subnet ConsoleSize NanoCpus PidsLimit Sysctls Links CpusetCpus Name Driver").split()
        queries = "filters all limit size since until tail w h signal path name tag dockerfile buildargs cachefrom labels t".split()
        words = ["", "a", "busybox", "/x", "80/tcp", "a=b", "\0", "x" * 300, "..", "-1", "0-3", '{"a":["b"]}', "[", '{"label":[1,null]}', "99999999999999999999"]

        def value(depth=0):
            kind = dice.randrange(6) if depth < 4 else 0
            if kind < 2:
                return dice.choice(words)
            if kind == 2:
                return dice.choice([0, -1, 2**31, 2**63 - 1, -2**63, 2**64, 1e308, True, None])
            if kind == 3:
                return [value(depth + 1) for _ in range(dice.randrange(4))]
            return {dice.choice(keys): value(depth + 1) for _ in range(dice.randrange(5))}

        for number in range(1000):
            path = dice.choice(paths)
            query = {dice.choice(queries): dice.choice(words) for _ in range(dice.randrange(4))}
            query.update({"stdout": "1", "until": "1"} if path in ("/events", "/containers/fuzzed/logs") else {})
            method = "GET" if path.endswith(("json", "top", "logs", "changes", "events", "df")) else "POST"
            body = None if method == "GET" else value()
            if path == "/containers/create" and number % 2:
                body = {"Image": "busybox", "Cmd": ["true"], dice.choice(keys): value(), "HostConfig": {dice.choice(keys): value()}}
            status, content = self.call(method, f"{path}?{urllib.parse.urlencode(query)}", body)
            self.assertIn(status // 100, (2, 3, 4), (method, path, query, body, content))
        self.assertEqual(self.call("GET", "/_ping"), (200, b"OK"))

    def test_swarm_and_plugins_answer_as_an_engine_without_them(self):
        self.assertEqual(self.json("GET", "/plugins"), [])
        self.json("GET", "/plugins/none/json", status=404)
        self.json("POST", "/plugins/none/enable", status=404)
        self.assertIn("part of a swarm", self.json("POST", "/swarm/leave", status=503)["message"])
        for path in ("/nodes", "/services", "/tasks", "/secrets", "/configs", "/swarm"):
            self.assertIn("swarm", self.json("GET", path, status=503)["message"])
        self.assertEqual(self.json("GET", "/info")["Swarm"]["LocalNodeState"], "inactive")
