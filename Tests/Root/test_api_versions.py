"""One engine, clients of several versions: what each gets and may say (docs/api-versions.md)."""

import json
import os
import re
import unittest

from test_api import APITest, tar_of


class Versions(APITest):
    def at(self, version, path, method="GET", body=None, status=200):
        return self.json(method, path, body, status=status, version=f"v{version}")

    def refused(self, version, method, path, body=None, status=400):
        got, content = self.call(method, path, body, version=f"v{version}")
        self.assertEqual(got, status, content)
        return json.loads(content)["message"]

    def test_versions_that_are_not_spoken(self):
        status, content = self.call("GET", "/_ping", version="v1.23")
        self.assertEqual(status, 400)
        self.assertTrue(content.startswith(b"client version 1.23 is too old."), content)
        self.assertIn("1.99 is too new", self.refused("1.99", "GET", "/_ping"))
        for kind in ("containers", "images", "networks", "volumes"):
            self.assertEqual(self.refused("1.24", "POST", f"/{kind}/prune"), f"POST /{kind}/prune requires minimum API version 1.25")

    def test_what_images_look_like(self):
        tag = "x-version-image"
        self.call("POST", f"/build?t={tag}&q=1", tar_of({"Dockerfile": b"FROM busybox\nENV A=b\n"}))
        self.addCleanup(self.call, "DELETE", f"/images/{tag}")
        self.create("counted", "true", Image=tag)

        def listed(version):
            return next(image for image in self.at(version, "/images/json") if f"{tag}:latest" in image["RepoTags"])
        self.assertEqual(listed("1.43")["VirtualSize"], listed("1.43")["Size"])
        self.assertNotIn("VirtualSize", listed("1.44"))
        self.assertEqual([listed(version)["Containers"] for version in ("1.47", "1.50", "1.51")], [-1, -1, 1])
        base = next(image for image in self.at("1.47", "/images/json?shared-size=1") if "busybox:latest" in image["RepoTags"])
        self.assertEqual(base["SharedSize"], base["Size"])
        self.assertEqual(listed("1.41")["SharedSize"], -1)
        self.assertIn("ContainerConfig", self.at("1.44", f"/images/{tag}/json"))
        self.assertNotIn("ContainerConfig", self.at("1.45", f"/images/{tag}/json"))
        self.assertIn("Hostname", self.at("1.49", f"/images/{tag}/json")["Config"])
        config = self.at("1.50", f"/images/{tag}/json")["Config"]
        self.assertNotIn("Hostname", config)
        self.assertIn("A=b", config["Env"])

    def test_images_without_a_name(self):
        self.call("POST", "/build?q=1", tar_of({"Dockerfile": b"FROM busybox\nLABEL unnamed=yes\n"}))
        labelled = "/images/json?filters=%7B%22label%22%3A%5B%22unnamed%22%5D%7D"
        self.addCleanup(lambda: [self.call("DELETE", f"/images/{image['Id']}") for image in self.at("1.47", labelled)])
        self.assertEqual(self.at("1.42", labelled)[0]["RepoTags"], ["<none>:<none>"])
        self.assertEqual(self.at("1.43", labelled)[0]["RepoTags"], [])

    def test_builds_tell_ids_to_programs_that_know_them(self):
        build = tar_of({"Dockerfile": b"FROM busybox\nLABEL a=b\n"})
        self.assertNotIn(b'"aux"', self.call("POST", "/build", build, version="v1.29")[1])
        self.assertIn(b'"aux"', self.call("POST", "/build", build, version="v1.30")[1])
        quiet = self.call("POST", "/build?q=1", build)[1]
        self.assertTrue(re.fullmatch(rb'\{"stream":"sha256:[0-9a-f]{64}\\n"\}\r\n', quiet), quiet)

    def test_what_goes_without_saying(self):
        for version, ipc, cgroup in (("1.39", "shareable", "host"), ("1.40", "private", "host"), ("1.41", "private", "private")):
            name = f"standard-{version}"
            self.remove_later(name)
            self.at(version, f"/containers/create?name={name}", "POST", {"Image": "busybox", "Cmd": ["true"]}, 201)
            host = self.inspect(name)["HostConfig"]
            self.assertEqual(host["IpcMode"], ipc)
            if not os.path.exists("/sys/fs/cgroup/cgroup.controllers"):
                self.assertEqual(host["CgroupnsMode"], cgroup)

    def test_images_are_mounted_from_1_48_on(self):
        body = {"Image": "busybox", "Cmd": ["true"], "HostConfig": {"Mounts": [{"Type": "image", "Source": "busybox", "Target": "/x"}]}}
        self.assertEqual(self.refused("1.47", "POST", "/containers/create", body), 'Mount type "Image" needs API v1.48 or newer')
        self.remove_later("mounting")
        self.at("1.48", "/containers/create?name=mounting", "POST", body, 201)

    def test_read_only_goes_all_the_way_down(self):
        self.remove_later("flat", "deep")
        for version, name in (("1.43", "flat"), ("1.44", "deep")):
            self.at(version, f"/containers/create?name={name}", "POST",
                    {"Image": "busybox", "Cmd": ["sh", "-c", "touch /host/shm/read-only-test && rm /host/shm/read-only-test"],
                     "HostConfig": {"Binds": ["/dev:/host:ro"]}}, 201)
            self.start(name)
        codes = [self.json("POST", f"/containers/{name}/wait")["StatusCode"] for name in ("flat", "deep")]
        self.assertEqual(codes, [0, 1])

    def test_link_addresses_of_a_container_and_of_its_network(self):
        self.remove_later("addressed")
        answer = self.at("1.44", "/containers/create?name=addressed", "POST",
                         {"Image": "busybox", "Cmd": ["sleep", "100"], "MacAddress": "02:42:ac:11:ff:09"}, 201)
        self.assertIn("deprecated", answer["Warnings"][0])
        self.start("addressed")
        inspect = self.inspect("addressed")
        self.assertEqual(inspect["Config"]["MacAddress"], "02:42:ac:11:ff:09")
        self.assertEqual(inspect["NetworkSettings"]["Networks"]["bridge"]["MacAddress"], "02:42:ac:11:ff:09")

    def test_waiting_before_there_were_conditions(self):
        self.run_detached("early", "sh", "-c", "exit 3")
        self.assertEqual(self.at("1.29", "/containers/early/wait?condition=nonsense", "POST")["StatusCode"], 3)
        self.assertIn("invalid condition", self.refused("1.30", "POST", "/containers/early/wait?condition=nonsense"))

    def test_who_is_in_a_network_stands_in_old_lists(self):
        self.run_detached("member", "sleep", "100")

        def members(version):
            bridge = next(network for network in self.at(version, "/networks") if network["Name"] == "bridge")
            return [container["Name"] for container in bridge["Containers"].values()]
        self.assertIn("member", members("1.27"))
        self.assertEqual(members("1.28"), [])

    def test_info_and_disk_usage(self):
        self.assertEqual(self.at("1.24", "/info")["SecurityOptions"], ["seccomp"])
        self.assertIn("name=seccomp,profile=builtin", self.at("1.25", "/info")["SecurityOptions"])
        self.assertIn("BridgeNfIptables", self.at("1.49", "/info"))
        self.assertNotIn("BridgeNfIptables", self.at("1.50", "/info"))
        self.assertTrue(self.at("1.41", "/system/df?type=volume")["Images"])
        self.assertFalse(self.at("1.42", "/system/df?type=volume")["Images"])
        self.assertIn("unknown object type", self.refused("1.42", "GET", "/system/df?type=nonsense"))


if __name__ == "__main__":
    unittest.main()
