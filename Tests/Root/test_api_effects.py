"""What requests of the Engine API do, seen from inside the container or in the next answer."""

import gzip
import json
import time
import urllib.parse

from engine import eventually
from test_api import APITest, tar_of


class EffectsTest(APITest):
    def logs(self, name, query="stdout=1"):
        return self.call("GET", f"/containers/{name}/logs?{query}")

    def output(self, name):
        """What a container has written to its standard output, without frames."""
        status, body = self.logs(name)
        self.assertEqual(status, 200, body)
        said = b""
        while body:
            size = int.from_bytes(body[4:8], "big")
            said, body = said + body[8:8 + size], body[8 + size:]
        return said.decode()

    def ran(self, name, command, **config):
        """What `command` says in a container that ends."""
        self.run_detached(name, "sh", "-c", command, **config)
        self.json("POST", f"/containers/{name}/wait", status=200)
        return self.output(name)

    def put(self, name, path, archive, status=200):
        got, body = self.call("PUT", f"/containers/{name}/archive?path={path}", archive, {"Content-Type": "application/x-tar"})
        self.assertEqual(got, status, body)
        return body.decode()


class Execs(EffectsTest):
    def exec(self, name, *command, **settings):
        return self.json("POST", f"/containers/{name}/exec", {"Cmd": list(command), **settings}, status=201)["Id"]

    def test_an_exec_is_told_of_from_its_creation_until_after_its_containers_end(self):
        self.run_detached("host", "sleep", "100", User="33")
        exec = self.exec("host", "sleep", "100")
        created = self.json("GET", f"/exec/{exec}/json")
        self.assertIn("ExitCode", created)
        self.assertIsNone(created["ExitCode"])
        self.assertEqual(created["ProcessConfig"],
                         {"tty": False, "privileged": False, "entrypoint": "sleep", "arguments": ["100"], "user": "33"})
        self.json("POST", f"/exec/{exec}/start", {"Detach": True})
        self.assertEqual(self.inspect("host")["ExecIDs"], [exec])
        self.assertIsNone(self.json("GET", f"/exec/{exec}/json")["ExitCode"])
        status, body = self.call("POST", f"/exec/{exec}/start", {"Detach": True})
        self.assertEqual((status, b"is already running" in body), (409, True), body)
        self.json("POST", "/containers/host/kill", status=204)
        ended = eventually(lambda: [e for e in [self.json("GET", f"/exec/{exec}/json")] if e["ExitCode"] is not None])[0]
        self.assertEqual((ended["ExitCode"], ended["Running"]), (137, False))
        self.assertIsNone(self.inspect("host")["ExecIDs"])
        status, body = self.call("POST", f"/exec/{exec}/start", {"Detach": True})
        self.assertEqual((status, b"has already run" in body), (409, True), body)

    def test_an_unknown_user_is_refused_before_the_exec_is_made(self):
        self.run_detached("known", "sleep", "100")
        for user, word in (("nobody-here", "unable to find user nobody-here: no matching entries in passwd file"),
                           ("0:nothing", "unable to find group nothing: no matching entries in group file")):
            status, body = self.call("POST", "/containers/known/exec", {"Cmd": ["id"], "User": user})
            self.assertEqual((status, json.loads(body)["message"]), (400, word))
        result = self.engine.run("exec", "-u", "nobody-here", "known", "id", check=False)
        self.assertEqual((result.code, "unable to find user nobody-here" in result.err), (1, True), result)
        self.assertIsNone(self.inspect("known")["ExecIDs"])

    def test_who_attaches_to_no_stream_hears_the_end_at_once(self):
        self.run_detached("quiet", "sleep", "100")
        connection = self.raw("POST /v1.47/containers/quiet/attach?stream=1 HTTP/1.1\r\nHost: x\r\n"
                              "Upgrade: tcp\r\nConnection: Upgrade\r\n\r\n")
        head, rest = self.head(connection)
        self.assertIn("101", head)
        self.assertEqual(rest + connection.recv(100), b"")


class Files(EffectsTest):
    def test_compressed_archives_are_unpacked(self):
        self.create("target", "true")
        self.put("target", "/tmp", gzip.compress(tar_of({"packed": b"here"})))
        self.assertEqual(self.call("HEAD", "/containers/target/archive?path=/tmp/packed")[0], 200)

    def test_the_files_of_a_container_that_ends_right_now_are_there(self):
        for number in range(10):
            self.run_detached(f"brief{number}", "true")
            self.assertEqual(self.call("HEAD", f"/containers/brief{number}/archive?path=/etc/passwd")[0], 200)

    def test_a_link_behind_a_slash_is_followed_and_keeps_its_name(self):
        self.run_detached("linked", "sh", "-c", "ln -s /www /tmp/link; touch /tmp/ready; sleep 100")
        eventually(lambda: self.call("HEAD", "/containers/linked/archive?path=/tmp/ready")[0] == 200)
        status, archive = self.call("GET", "/containers/linked/archive?path=/tmp/link/")
        self.assertEqual((status, archive[:5]), (200, b"link/"))
        self.assertIn(b"link/index.html", archive)

    def test_nothing_is_written_where_everything_is_read_only(self):
        archive = tar_of({"file": b""})
        self.create("fixed", "sleep", "100", HostConfig={"ReadonlyRootfs": True, "Binds": ["kept:/kept:ro", "open:/open"]})
        for _ in ("created", "running"):
            self.assertIn("container rootfs is marked read-only", self.put("fixed", "/tmp", archive, 400))
            self.assertIn("mounted volume is marked read-only", self.put("fixed", "/kept", archive, 400))
            self.put("fixed", "/open", archive)
            self.call("POST", "/containers/fixed/start")

    def test_a_container_finds_its_mounts_in_mtab_and_an_image_of_it_has_none(self):
        said = self.ran("mounted", "ls -l /etc/mtab | sed 's/.* .etc/\\/etc/'; grep -c '^proc /proc proc' /etc/mtab; stat -c %a /etc")
        self.assertEqual(said, "/etc/mtab -> /proc/mounts\n1\n755\n")
        self.assertEqual(self.json("GET", "/containers/mounted/changes"), [])
        self.assertEqual(self.inspect("mounted").get("SizeRw", 0), 0)
        image = self.json("POST", "/commit?container=mounted", status=201)["Id"]
        self.addCleanup(lambda: self.call("DELETE", f"/images/{image}?force=1"))
        status, archive = self.call("GET", f"/images/{image}/get")
        self.assertEqual((status, b"bin/busybox" in archive, b"\0etc/mtab\0" in archive), (200, True, False))
        # Who takes it away is without it.
        self.ran("without", "rm /etc/mtab")
        self.start("without")
        self.assertEqual(self.call("HEAD", "/containers/without/archive?path=/etc/mtab")[0], 404)

    def test_a_container_can_tell_that_it_is_one_and_an_image_of_it_does_not_say_so(self):
        self.ran("marked", "true")
        self.assertEqual(self.call("HEAD", "/containers/marked/archive?path=/.dockerenv")[0], 200)
        self.assertEqual(self.json("GET", "/containers/marked/changes"), [])
        image = self.json("POST", "/commit?container=marked", status=201)["Id"]
        self.addCleanup(lambda: self.call("DELETE", f"/images/{image}?force=1"))
        status, archive = self.call("GET", f"/images/{image}/get")
        self.assertEqual((status, b"bin/busybox" in archive, b".dockerenv" in archive), (200, True, False))

    def test_a_commits_body_goes_over_the_containers_settings(self):
        self.create("model", "true", Env=["A=1", "B=1"], Labels={"a": "1"})
        body = {"Cmd": ["from", "body"], "Env": ["B=2"], "Labels": {"b": "2"}, "ExposedPorts": {"81/tcp": {}}}
        image = self.json("POST", "/commit?container=model&changes=WORKDIR%20/www", body, status=201)["Id"]
        self.addCleanup(lambda: self.call("DELETE", f"/images/{image}?force=1"))
        config = self.json("GET", f"/images/{image}/json")["Config"]
        self.assertEqual((config["Cmd"], config["Env"], config["Labels"], list(config["ExposedPorts"]), config["WorkingDir"]),
                         (["from", "body"], ["B=2", "A=1"], {"a": "1", "b": "2"}, ["81/tcp"], "/www"))


class Settings(EffectsTest):
    def test_without_network_there_is_loopback_alone(self):
        self.assertEqual(self.ran("lonely", "ls /sys/class/net", NetworkDisabled=True), "lo\n")

    def test_names_of_limits_may_be_in_capitals(self):
        limits = {"Ulimits": [{"Name": "NOFILE", "Soft": 77, "Hard": 88}]}
        self.assertEqual(self.ran("limited", "ulimit -n; ulimit -Hn", HostConfig=limits), "77\n88\n")

    def test_a_limit_of_processes_is_lifted_by_nought(self):
        self.run_detached("crowd", "sleep", "100", HostConfig={"PidsLimit": 33})
        self.assertEqual(self.json("GET", "/containers/crowd/stats?stream=0")["pids_stats"]["limit"], 33)
        self.json("POST", "/containers/crowd/update", {"PidsLimit": 0})
        self.assertNotEqual(self.json("GET", "/containers/crowd/stats?stream=0")["pids_stats"].get("limit"), 33)
        self.assertIn(self.inspect("crowd")["HostConfig"]["PidsLimit"], (0, None))

    def test_a_refused_update_names_the_container(self):
        self.create("brief", "true", HostConfig={"AutoRemove": True})
        status, body = self.call("POST", "/containers/brief/update", {"RestartPolicy": {"Name": "always"}})
        self.assertEqual(status, 409, body)
        self.assertIn(f"Cannot update container {self.inspect('brief')['Id']}: Restart policy", json.loads(body)["message"])


class Asking(EffectsTest):
    def test_the_log_right_after_the_start_has_what_was_said_at_once(self):
        for number in range(5):
            self.run_detached(f"quick{number}", "echo", "said")
            self.assertEqual(self.output(f"quick{number}"), "said\n")

    def test_processes_right_after_the_start_are_told_by_their_commands(self):
        for number in range(5):
            self.run_detached(f"slow{number}", "sleep", "100")
            self.assertEqual(self.json("GET", f"/containers/slow{number}/top")["Processes"][0][-1], "sleep 100")

    def test_a_log_that_nobody_writes_cannot_be_read(self):
        self.run_detached("mute", "true", HostConfig={"LogConfig": {"Type": "none"}})
        self.assertEqual(self.logs("mute")[0], 501)

    def test_a_far_future_is_a_time(self):
        self.ran("early", "echo said")
        self.assertIn(b"said", self.logs("early", "stdout=1&until=9999999999")[1])
        self.assertEqual(self.logs("early", "stdout=1&since=9999999999"), (200, b""))
        status, _ = self.call("GET", f"/events?since={int(time.time()) - 60}&until=1.5")
        self.assertEqual(status, 400)

    def test_names_may_have_their_slash_and_paths_are_asked_for_their_options(self):
        id = self.create("slashed", "true")
        self.assertEqual(self.json("GET", "/containers//slashed/json")["Id"], id)
        self.assertEqual(self.json("GET", "/containers/%2Fslashed/json")["Id"], id)
        self.assertEqual(self.call("OPTIONS", "/containers/json")[0], 200)

    def test_a_filter_that_is_no_pattern_is_refused(self):
        filters = urllib.parse.quote(json.dumps({"reference": ["["]}))
        status, body = self.call("GET", f"/images/json?filters={filters}")
        self.assertEqual((status, b"syntax error in pattern" in body), (400, True), body)

    def test_a_network_of_another_scope_is_not_there(self):
        self.assertEqual(self.call("GET", "/networks/bridge?scope=local")[0], 200)
        self.assertEqual(self.call("GET", "/networks/bridge?scope=swarm")[0], 404)
