"""Sockets that open less than everything: what their roles and labels let through, and the ways out that are shut."""

import http.client
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.parse

from engine import SKIFF, Engine, Result
from fixtures import busybox_tar


class SocketConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("docker", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(self.path)


class Door:
    """Raw requests to one socket."""

    def __init__(self, path):
        self.path = str(path)

    def ask(self, method, path, body=None, **query):
        connection = SocketConnection(self.path)
        query = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in query.items()}
        target = path + ("?" + urllib.parse.urlencode(query) if query else "")
        headers = {"Content-Type": "application/json"} if body is not None else {}
        connection.request(method, target, json.dumps(body) if body is not None else None, headers)
        response = connection.getresponse()
        text = response.read().decode(errors="replace")
        connection.close()
        try:
            return response.status, json.loads(text)
        except ValueError:
            return response.status, text

    def create(self, name=None, **wishes):
        host = wishes.pop("HostConfig", {})
        body = {"Image": "busybox", "Cmd": ["sleep", "1000"], **wishes, "HostConfig": host}
        return self.ask("POST", "/containers/create", body, **({"name": name} if name else {}))


class Scopes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = pathlib.Path(tempfile.mkdtemp(prefix="skiff-scopes-"))
        cls.addClassCleanup(shutil.rmtree, cls.place, ignore_errors=True)
        sockets = {
            "viewer": "role=viewer", "operator": "role=operator",
            "red": "role=operator,label=team=red", "blue": "role=operator,label=team=blue",
            "seen": "role=viewer,label=team=red", "redadmin": "role=admin,label=team=red",
        }
        options = [word for name, rest in sockets.items() for word in ("--socket", f"path={cls.place}/{name}.sock,{rest}")]
        cls.engine = Engine(*options).start()
        cls.addClassCleanup(cls.engine.close)
        cls.engine.run("import", "-", "busybox", input=busybox_tar())
        for name in sockets:
            setattr(cls, name, Door(f"{cls.place}/{name}.sock"))
        cls.root = Door(cls.engine.socket)
        # What others have: blue's, nobody's, and what reaches the host.
        run = cls.engine.run
        run("network", "create", "--label", "team=blue", "bluenet")
        run("network", "create", "commonnet")
        run("volume", "create", "--label", "team=blue", "bluedata")
        run("volume", "create", "commondata")
        # Never a directory that the machine needs: whoever clears up could clear it away.
        (cls.place / "host").mkdir()
        run("volume", "create", "-o", "type=none", "-o", "o=bind", "-o", f"device={cls.place}/host", "etc")
        (cls.place / "host/secret").write_text("of the host\n")
        place = ["-o", "type=none", "-o", "o=bind", "-o", f"device={cls.place}/host"]
        run("volume", "create", "--label", "team=red", *place, "redplace")
        unnamed = f"type=volume,target=/host,volume-driver=local,volume-opt=type=none,volume-opt=o=bind,volume-opt=device={cls.place}/host"
        for name, wish in (("withplace", ["-v", "redplace:/host"]), ("withothers", ["-v", "etc:/host:ro"]), ("withunnamed", ["--mount", unnamed]),
                           ("withborrowed", ["--volumes-from", "withplace"])):
            run("run", "-d", "--name", name, "--label", "team=red", *wish, "busybox", "sleep", "1000")
        run("run", "-d", "--name", "blueweb", "--label", "team=blue", "--network", "bluenet", "-v", "bluedata:/data",
            "busybox", "sleep", "1000")
        run("run", "-d", "--name", "nobodys", "busybox", "sleep", "1000")
        run("run", "-d", "--name", "mighty", "--label", "team=red", "--privileged", "busybox", "sleep", "1000")
        run("run", "-d", "--name", "bound", "--label", "team=red", "-v", "/etc:/host:ro", "busybox", "sleep", "1000")
        run("run", "-d", "--name", "joined", "--label", "team=red", "--pid", "container:mighty", "busybox", "sleep", "1000")
        cls.blueimage = run("commit", "-c", "LABEL team=blue", "nobodys", "blueimage").out.strip()

    def skiff(self, door, *arguments, code=0, **options):
        environment = {"SKIFF_HOST": f"unix://{door.path}", "DOCKER_HOST": f"unix://{door.path}"}
        program = options.pop("program", SKIFF)
        process = subprocess.run([program, *arguments], env={**os.environ, **environment, "NO_COLOR": "1"}, capture_output=True,
                                 timeout=60, stdin=subprocess.DEVNULL)
        result = Result(process, [program, *arguments])
        self.assertEqual(result.code, code, result)
        return result

    def status(self, expected, answer, words=""):
        self.assertEqual(answer[0], expected, answer)
        if words:
            self.assertIn(words, str(answer[1]))
        return answer[1]

    def remove_later(self, *names):
        self.addCleanup(lambda: self.engine.run("rm", "-f", "-v", *names, check=False))

    def test_a_viewer_looks_and_changes_nothing(self):
        for path in ("/_ping", "/version", "/info", "/containers/json", "/containers/nobodys/json", "/containers/nobodys/top",
                     "/images/json", "/images/busybox/json", "/networks", "/networks/bluenet", "/volumes", "/volumes/bluedata",
                     "/system/df", "/containers/nobodys/logs?stdout=1", "/v1.41/containers/json"):
            self.status(200, self.viewer.ask("GET", path))
        needs = "it needs the role operator"
        self.status(403, self.viewer.create(), needs)
        for path in ("start", "stop", "kill", "restart", "rename?name=x", "exec", "attach", "update", "pause", "unpause"):
            self.status(403, self.viewer.ask("POST", f"/containers/nobodys/{path}", {}), needs)
        for method, path in (("DELETE", "/containers/nobodys"), ("DELETE", "/volumes/commondata"), ("DELETE", "/networks/commonnet"),
                             ("DELETE", "/images/busybox"), ("POST", "/images/create?fromImage=x"), ("POST", "/containers/prune"),
                             ("GET", "/containers/nobodys/archive?path=/"), ("GET", "/containers/nobodys/export"), ("GET", "/images/get?names=busybox"),
                             ("GET", "/images/busybox/get"), ("POST", "/volumes/create"), ("POST", "/networks/create"), ("POST", "/images/load"),
                             ("POST", "/commit?container=nobodys"), ("GET", "/distribution/x/json"), ("POST", "/auth"),
                             ("GET", "/containers/nobodys/attach/ws"), ("PUT", "/containers/nobodys/archive?path=/"), ("POST", "/images/busybox/tag?repo=x")):
            self.status(403, self.viewer.ask(method, path, {} if method == "POST" else None), needs)
        self.status(403, self.viewer.ask("POST", "/build"), "it needs the role admin")

    def test_an_operator_gets_no_hold_of_the_host(self):
        for wishes in ({"Privileged": True}, {"Binds": ["/etc:/x"]}, {"Binds": ["./etc:/x"]}, {"Binds": ["../..:/x"]}, {"Binds": ["/var/run"]},
                       {"Mounts": [{"Type": "bind", "Source": "/etc", "Target": "/x"}]},
                       {"Mounts": [{"Type": "volume", "Target": "/x", "VolumeOptions": {"DriverConfig": {"Options": {"device": "/etc", "o": "bind", "type": "none"}}}}]},
                       {"Mounts": [{"Type": "volume", "Source": "commondata", "Target": "/x", "VolumeOptions": {"Subpath": "link"}}]},
                       {"Mounts": [{"Type": "volume", "Source": "/etc", "Target": "/x"}]}, {"Binds": ["etc:/x"]}, {"Mounts": [{"Type": "volume", "Source": "etc", "Target": "/x"}]},
                       {"PidMode": "host"}, {"IpcMode": "host"}, {"UTSMode": "host"}, {"NetworkMode": "host"}, {"UsernsMode": "host"},
                       {"CgroupnsMode": "host"}, {"CgroupParent": "/"}, {"CapAdd": ["SYS_ADMIN"]}, {"CapAdd": ["all"]}, {"CapAdd": ["CAP_SYS_PTRACE"]},
                       {"SecurityOpt": ["seccomp=unconfined"]}, {"SecurityOpt": ["systempaths=unconfined"]}, {"MaskedPaths": []}, {"ReadonlyPaths": []},
                       {"Devices": [{"PathOnHost": "/dev/sda", "PathInContainer": "/dev/sda"}]}, {"DeviceCgroupRules": ["a *:* rwm"]},
                       {"DeviceRequests": [{"Count": -1}]}, {"Runtime": "/tmp/mine"}, {"Annotations": {"run.oci.hooks": "x"}},
                       {"Sysctls": {"kernel.core_pattern": "|/x"}}, {"Sysctls": {"net/../kernel.core_pattern": "|/x"}}, {"Sysctls": {"net...kernel.core_pattern": "|"}},
                       {"OomKillDisable": True}, {"OomScoreAdj": -500}, {"Tmpfs": {"/x": "bind"}}, {"VolumeDriver": "other"}, {"Cgroup": "host"},
                       {"VolumesFrom": ["bound"]}, {"PidMode": "container:mighty"}, {"NetworkMode": "container:joined"}):
            for door in (self.operator, self.red):
                answer = door.create(HostConfig=wishes)
                self.assertIn(answer[0], (403, 404), (wishes, answer))
        self.status(403, self.operator.ask("POST", "/volumes/create", {"Name": "v", "DriverOpts": {"device": "/etc", "o": "bind", "type": "none"}}), "DriverOpts")
        self.status(403, self.operator.ask("POST", "/networks/create", {"Name": "n", "Options": {"com.docker.network.bridge.name": "eth0"}}))
        self.status(403, self.operator.ask("POST", "/networks/create", {"Name": "n", "IPAM": {"Config": [{"Subnet": "8.8.8.0/24"}]}}))
        self.status(403, self.operator.ask("POST", "/networks/create", {"Name": "n", "Driver": "macvlan"}))
        # Who could not have made it does not get hold of it either, by way of the others it joins neither.
        for name in ("mighty", "bound", "joined"):
            for door in (self.operator, self.red):
                self.status(403, door.ask("POST", f"/containers/{name}/exec", {"Cmd": ["true"]}), "has powers")
                self.status(403, door.ask("POST", f"/containers/{name}/attach"), "has powers")
                self.status(403, door.ask("GET", f"/containers/{name}/archive?path=/"), "has powers")
        self.status(403, self.operator.ask("POST", "/containers/nobodys/exec", {"Cmd": ["true"], "Privileged": True}), "Privileged")
        exec_id = self.root.ask("POST", "/containers/nobodys/exec", {"Cmd": ["true"], "Privileged": True})[1]["Id"]
        self.status(403, self.operator.ask("POST", f"/exec/{exec_id}/start", {}), "privileged")
        self.status(403, self.operator.ask("POST", "/build", networkmode="host"))
        # And what is harmless goes.
        self.remove_later("harmless")
        self.status(201, self.operator.create("harmless", HostConfig={
            "Binds": ["opsdata:/data:ro"], "CapDrop": ["ALL"], "CapAdd": ["NET_BIND_SERVICE"], "Tmpfs": {"/x": "size=1m,noexec"},
            "Sysctls": {"net.ipv4.ip_forward": "1"}, "SecurityOpt": ["no-new-privileges"], "Memory": 64 << 20}))
        self.status(204, self.operator.ask("POST", "/containers/harmless/start"))
        self.assertEqual(self.skiff(self.operator, "exec", "harmless", "echo", "in").out, "in\n")

    PLACES = ("withplace", "withothers", "withunnamed", "withborrowed")

    def test_volumes_with_driver_options_are_the_host_too(self):
        """An admin may give them to a container; then it is no more for those who could not have done so, whatever its label."""
        words = "with driver options"
        self.remove_later("withlater")
        self.engine.run("create", "--name", "withlater", "--label", "team=red", "-v", "redplace:/host", "busybox", "sleep", "1000")
        for name in (*self.PLACES, "withlater"):
            for door in (self.operator, self.red):
                for method, path, body in (("POST", "exec", {"Cmd": ["cat", "/host/secret"]}), ("POST", "attach", None), ("GET", "attach/ws", None), ("GET", "export", None),
                                           ("GET", "archive?path=/host", None), ("GET", "archive?path=/etc", None), ("PUT", "archive?path=/host", None)):
                    self.status(403, door.ask(method, f"/containers/{name}/{path}", body), words)
                self.status(403, door.ask("HEAD", f"/containers/{name}/archive?path=/host"))
                for wishes in ({"VolumesFrom": [name]}, {"VolumesFrom": [f"{name}:ro"]}, {"PidMode": f"container:{name}"}, {"IpcMode": f"container:{name}"},
                               {"NetworkMode": f"container:{name}"}):
                    self.status(403, door.create(HostConfig=wishes), words)
            self.status(403, self.operator.ask("POST", f"/commit?container={name}"), words)
            exec_id = self.root.ask("POST", f"/containers/{name}/exec", {"Cmd": ["cat", "/host/secret"]})
            if exec_id[0] == 201:
                self.status(403, self.red.ask("POST", f"/exec/{exec_id[1]['Id']}/start", {}), words)
        for door in (self.operator, self.red):
            for wishes in ({"Binds": ["redplace:/x"]}, {"Binds": ["redplace:/x:ro"]}, {"Mounts": [{"Type": "volume", "Source": "redplace", "Target": "/x"}]}):
                self.status(403, door.create(HostConfig=wishes), words)
            for kind, device in (("none", str(self.place / "host")), ("nfs", ":/srv"), ("cifs", "//server/share"), ("tmpfs", "tmpfs")):
                options = {"type": kind, "device": device, "o": "addr=127.0.0.1"}
                self.status(403, door.ask("POST", "/volumes/create", {"Name": "mine", "DriverOpts": options}), "DriverOpts")
                mount = {"Type": "volume", "Source": "mine", "Target": "/x", "VolumeOptions": {"DriverConfig": {"Name": "local", "Options": options}}}
                self.status(403, door.create(HostConfig={"Mounts": [mount]}), "DriverConfig")
        # An admin of the label stays one.
        self.assertEqual(self.skiff(self.redadmin, "exec", "withplace", "cat", "/host/secret").out, "of the host\n")
        # And looking after it goes on.
        self.status(204, self.red.ask("POST", "/containers/withplace/restart?t=0"))
        self.assertEqual((self.place / "host/secret").read_text(), "of the host\n")

    def test_a_label_hides_what_others_have(self):
        red = self.red
        names = lambda door: {name for line in door.ask("GET", "/containers/json", all="1")[1] for name in line["Names"]}  # noqa: E731
        self.assertEqual(names(self.seen), {"/mighty", "/bound", "/joined", *(f"/{name}" for name in self.PLACES)})
        self.assertEqual(names(self.blue), {"/blueweb"})
        # Filters of the client's own take nothing away.
        self.assertEqual(self.status(200, red.ask("GET", "/containers/json", all="1", filters={"label": ["team=blue"]})), [])
        self.assertEqual(self.status(200, red.ask("GET", "/networks")), [])
        self.assertEqual(self.status(200, red.ask("GET", "/volumes"))["Volumes"], [json.loads(self.engine.run("volume", "inspect", "redplace").out)[0]])
        self.assertNotIn("blueimage", str(red.ask("GET", "/images/json")))
        self.assertIn("blueimage", str(self.blue.ask("GET", "/images/json")))
        blue_id = self.engine.inspect("blueweb")[0]["Id"]
        for reference in ("blueweb", blue_id, blue_id[:12], "nobodys"):
            for method, path in (("GET", "json"), ("GET", "logs?stdout=1"), ("GET", "top"), ("GET", "stats?stream=0"), ("GET", "changes"), ("GET", "export"),
                                 ("GET", "archive?path=/"), ("HEAD", "archive?path=/"), ("PUT", "archive?path=/"), ("POST", "start"), ("POST", "stop"), ("POST", "kill"),
                                 ("POST", "restart"), ("POST", "rename?name=x"), ("POST", "update"), ("POST", "wait"), ("POST", "resize?h=1&w=1"),
                                 ("POST", "attach"), ("GET", "attach/ws"), ("POST", "exec"), ("POST", "pause"), ("POST", "unpause")):
                self.status(404, red.ask(method, f"/containers/{reference}/{path}", {} if path in ("update", "exec") else None))
            self.status(404, red.ask("DELETE", f"/containers/{reference}", force="1"))
        self.status(403, red.ask("DELETE", "/containers/blueweb/x", link="1"))
        exec_id = self.blue.ask("POST", "/containers/blueweb/exec", {"Cmd": ["true"]})[1]["Id"]
        for method, path in (("GET", "json"), ("POST", "start"), ("POST", "resize?h=1&w=1")):
            self.status(404, red.ask(method, f"/exec/{exec_id}/{path}", {} if path == "start" else None))
        for name in ("bluenet", "commonnet", "bridge"):
            self.status(404, red.ask("GET", f"/networks/{name}"))
            self.status(404, red.ask("DELETE", f"/networks/{name}"))
            self.status(404, red.ask("POST", f"/networks/{name}/connect", {"Container": "mighty"}))
        for name in ("bluedata", "commondata"):
            self.status(404, red.ask("GET", f"/volumes/{name}"))
            self.status(404, red.ask("DELETE", f"/volumes/{name}"))
            self.status(409, red.ask("POST", "/volumes/create", {"Name": name}))
        for name in ("blueimage", self.blueimage):
            self.status(404, red.ask("GET", f"/images/{name}/json"))
            self.status(404, red.ask("GET", f"/images/{name}/get"))
            self.status(404, red.ask("GET", "/images/get", names=f"busybox,{name}"))
        self.status(403, red.ask("POST", "/images/create", fromImage="blueimage", tag="latest"), "taken by an image of others")
        for method, path in (("DELETE", "/images/busybox"), ("POST", "/images/busybox/tag?repo=x"), ("POST", "/images/busybox/push"), ("POST", "/images/prune"),
                             ("POST", "/images/load"), ("POST", "/commit?container=mighty"), ("POST", "/build/prune"), ("GET", "/system/df"), ("GET", "/previous/blueweb/logs?stdout=1"),
                             ("POST", "/images/create?fromSrc=-")):
            self.status(403, red.ask(method, path))

    def test_a_label_keeps_out_of_what_others_have(self):
        for wishes in ({"PidMode": "container:blueweb"}, {"IpcMode": "container:nobodys"}, {"NetworkMode": "container:blueweb"}, {"VolumesFrom": ["blueweb:ro"]},
                       {"NetworkMode": "bluenet"}, {"NetworkMode": "commonnet"}, {"Binds": ["bluedata:/x"]}, {"Binds": ["commondata:/x"]}, {"Links": ["blueweb:db"]},
                       {"Mounts": [{"Type": "volume", "Source": "bluedata", "Target": "/x"}]}):
            self.status(404, self.red.create(HostConfig=wishes))
        self.status(404, self.red.create(NetworkingConfig={"EndpointsConfig": {"bluenet": {}}}))
        self.status(404, self.red.create(Image="blueimage"))
        self.status(404, self.red.create(HostConfig={"Mounts": [{"Type": "image", "Source": "blueimage", "Target": "/x"}]}))
        for answer in (self.red.create(HostConfig={"Binds": ["etc:/x"]}),):
            self.assertIn(answer[0], (403, 404))

    def test_a_label_is_stamped_on_what_is_made(self):
        red = self.red
        self.remove_later("redweb")
        self.addCleanup(lambda: (self.engine.run("volume", "rm", "reddata", "redvolume", check=False),
                                 self.engine.run("network", "rm", "rednet", check=False)))
        self.status(201, red.ask("POST", "/networks/create", {"Name": "rednet", "Labels": {"team": "blue", "a": "b"}}))
        self.status(201, red.ask("POST", "/volumes/create", {"Name": "redvolume"}))
        made = red.ask("POST", "/volumes/create")[1]
        self.assertEqual(made["Labels"]["team"], "red")
        self.status(204, red.ask("DELETE", f"/volumes/{made['Name']}"))
        self.status(201, red.create("redweb", Labels={"team": "blue"}, HostConfig={
            "Binds": ["reddata:/data"], "NetworkMode": "rednet", "Mounts": [{"Type": "volume", "Source": "redvolume", "Target": "/v"}]}))
        self.status(204, red.ask("POST", "/containers/redweb/start"))
        self.assertEqual(self.engine.inspect("redweb")[0]["Config"]["Labels"]["team"], "red")
        for kind, name in (("volume", "reddata"), ("volume", "redvolume"), ("network", "rednet")):
            self.assertEqual(json.loads(self.engine.run(kind, "inspect", name).out)[0]["Labels"]["team"], "red")
        self.assertEqual(self.skiff(red, "exec", "redweb", "echo", "in").out, "in\n")
        self.assertEqual([event["Actor"]["Attributes"].get("name") for event in self.events(red)], ["redweb"] * len(self.events(red)))
        self.assertNotIn("blueweb", str(self.events(red)))

    def events(self, door):
        _, text = door.ask("GET", "/events", since="1", until=str(time.time()))
        lines = text.splitlines() if isinstance(text, str) else [json.dumps(text)]
        return [event for event in map(json.loads, filter(None, lines)) if event["Actor"]["Attributes"].get("name") not in ("mighty", "bound", "joined", *self.PLACES)]

    def test_a_name_that_changes_hands_lets_nobody_in(self):
        """A container that was to join one's own must not join another's that has taken over its name."""
        red, blue = self.red, self.blue
        self.remove_later("bait", "joiner", "onnet")
        self.status(201, red.create("bait"))
        self.status(201, red.create("joiner", HostConfig={"PidMode": "container:bait"}))
        self.status(204, red.ask("DELETE", "/containers/bait"))
        self.status(201, blue.create("bait"))
        self.status(204, blue.ask("POST", "/containers/bait/start"))
        self.assertGreaterEqual(red.ask("POST", "/containers/joiner/start")[0], 400)
        self.status(201, red.ask("POST", "/networks/create", {"Name": "sharedname"}))
        self.status(201, red.create("onnet", HostConfig={"NetworkMode": "sharedname"}))
        red.ask("DELETE", "/networks/sharedname")
        blue.ask("POST", "/networks/create", {"Name": "sharedname"})
        self.addCleanup(lambda: self.engine.run("network", "rm", "sharedname", check=False))
        self.assertGreaterEqual(red.ask("POST", "/containers/onnet/start")[0], 400)

    def test_prunes_keep_to_the_label(self):
        self.remove_later("redold", "blueold")
        self.status(201, self.red.create("redold"))
        self.status(201, self.blue.create("blueold"))
        self.status(201, self.blue.ask("POST", "/volumes/create", {"Name": "blueprune"}))
        self.addCleanup(lambda: self.engine.run("volume", "rm", "blueprune", check=False))
        pruned = self.status(200, self.red.ask("POST", "/containers/prune"))
        self.assertEqual(len(pruned["ContainersDeleted"]), 1)
        self.status(200, self.red.ask("POST", "/volumes/prune", filters={"all": ["true"]}))
        self.status(200, self.red.ask("POST", "/networks/prune"))
        self.status(404, self.red.ask("GET", "/containers/redold/json"))
        for door, path in ((self.blue, "/containers/blueold/json"), (self.blue, "/volumes/blueprune"), (self.root, "/networks/commonnet"), (self.root, "/volumes/commondata")):
            self.status(200, door.ask("GET", path))

    def test_an_admin_of_a_label_may_do_everything_with_what_is_its_own(self):
        self.remove_later("redhost")
        self.status(201, self.redadmin.create("redhost", HostConfig={"Binds": ["/etc:/host:ro"], "Privileged": True}))
        self.status(204, self.redadmin.ask("POST", "/containers/redhost/start"))
        self.assertEqual(self.skiff(self.redadmin, "exec", "redhost", "echo", "in").out, "in\n")
        self.status(404, self.redadmin.ask("GET", "/containers/blueweb/json"))

    def test_real_clients_work_within_their_label(self):
        for program in (None, shutil.which("docker")):
            options = {"program": program} if program else {}
            self.assertEqual(self.skiff(self.red, "run", "--rm", "busybox", "echo", "hello", **options).out, "hello\n")
            self.assertEqual(self.skiff(self.blue, "ps", "--format", "{{.Names}}", **options).out, "blueweb\n")
            self.assertIn("not allowed on this socket", self.skiff(self.red, "run", "--rm", "--privileged", "busybox", "true", code=125, **options).err)
            self.assertIn("No such", self.skiff(self.red, "inspect", "blueweb", code=1, **options).err)
        project = self.place / "project"
        project.mkdir()
        (project / "compose.yaml").write_text("services:\n  a:\n    image: busybox\n    command: sleep 1000\n    volumes: [data:/d]\nvolumes:\n  data:\n")
        self.skiff(self.red, "compose", "-f", str(project / "compose.yaml"), "up", "-d")
        self.assertIn("project-a-1", self.skiff(self.red, "ps").out)
        self.assertNotIn("project-a-1", self.skiff(self.blue, "ps").out)
        self.skiff(self.red, "compose", "-f", str(project / "compose.yaml"), "down", "-v", "-t", "0")
        self.assertNotIn("project", str(self.root.ask("GET", "/volumes")[1]))
