"""Settings of the engine that show when it transfers images, and at its end."""

import gzip
import hashlib
import json
import platform
import tempfile
import unittest

from engine import Engine, eventually
from fixtures import busybox_tar
from registry import Registry


class Transfers(unittest.TestCase):
    """With a registry that lets nobody go on before as many are there as it waits for, and waits for more than there may be."""

    def start(self, *options):
        engine = Engine(*options).start()
        self.addCleanup(engine.close)
        return engine

    def registry(self, **wishes):
        registry = Registry(**wishes)
        self.addCleanup(registry.close)
        return registry

    def pull(self, registry, *options, code=0):
        engine = self.start(*options)
        result = engine.run("pull", f"{registry.host}/app:v1", check=False)
        self.assertEqual(result.code, code, result)
        return engine

    def most_downloads(self, hold, *options):
        registry = self.registry(layers=8, hold=hold)
        self.pull(registry, *options)
        self.assertEqual(registry.asked, 8)
        return registry.most

    @unittest.skipUnless(platform.machine() == "x86_64", "the registry's image is for amd64")
    def test_as_many_layers_arrive_at_once_as_was_said(self):
        self.assertEqual(self.most_downloads(4), 3)
        self.assertEqual(self.most_downloads(2, "--max-concurrent-downloads", "1"), 1)
        self.assertEqual(self.most_downloads(8, "--max-concurrent-downloads", "0"), 8)

    @unittest.skipUnless(platform.machine() == "x86_64", "the registry's image is for amd64")
    def test_a_layer_that_breaks_off_is_begun_as_often_as_was_said(self):
        for attempts, options in ((5, ()), (2, ("--max-download-attempts", "2"))):
            registry = self.registry(layers=1, cut=True)
            self.pull(registry, *options, code=1)
            self.assertEqual(registry.asked, attempts)

    def test_as_many_layers_are_sent_at_once_as_was_said(self):
        for limit, options in ((5, ()), (2, ("--max-concurrent-uploads", "2"))):
            engine = self.start(*options)
            registry = self.registry(hold=limit + 1)
            with tempfile.TemporaryDirectory() as context:
                lines = [f"COPY Dockerfile /file{number}\n" for number in range(8)]
                with open(f"{context}/Dockerfile", "w") as file:
                    file.write("FROM scratch\n" + "".join(lines))
                engine.run("build", "-q", "-t", f"{registry.host}/app:v1", context)
            engine.run("push", f"{registry.host}/app:v1")
            # The image's config comes last, alone.
            self.assertEqual((registry.most, registry.asked), (limit, 9))
            manifest = json.loads(registry.manifest)
            sent = [gzip.decompress(registry.blobs[layer["digest"]]) for layer in manifest["layers"]]
            self.assertEqual(["sha256:" + hashlib.sha256(layer).hexdigest() for layer in sent],
                             json.loads(registry.blobs[manifest["config"]["digest"]])["rootfs"]["diff_ids"])


class End(unittest.TestCase):
    def start(self, *options):
        engine = Engine(*options).start()
        self.addCleanup(engine.close)
        engine.run("import", "-", "busybox", input=busybox_tar())
        return engine

    def state(self, engine, name):
        return engine.inspect(name)[0]["State"]

    def test_containers_live_on_unless_told_otherwise(self):
        engine = self.start()
        self.assertTrue(json.loads(engine.run("info", "--format", "json").out)["LiveRestoreEnabled"])
        engine.run("run", "-d", "--name", "on", "busybox", "sleep", "1000")
        pid = self.state(engine, "on")["Pid"]
        engine.stop()
        engine.start()
        self.assertEqual((self.state(engine, "on")["Status"], self.state(engine, "on")["Pid"]), ("running", pid))

    def test_without_live_restore_they_are_stopped_and_started_again_by_policy(self):
        engine = self.start("--live-restore=false")
        self.assertFalse(json.loads(engine.run("info", "--format", "json").out)["LiveRestoreEnabled"])
        listen = ("busybox", "sh", "-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.1; done")
        for name, policy in (("plain", "no"), ("again", "always"), ("also", "unless-stopped"), ("halted", "unless-stopped")):
            engine.run("run", "-d", "--name", name, "--restart", policy, *listen)
            eventually(lambda: "ready" in engine.run("logs", name).out, what=f"{name} to listen")
        engine.run("run", "-d", "--rm", "--name", "gone", *listen)
        eventually(lambda: "ready" in engine.run("logs", "gone").out, what="gone to listen")
        engine.run("stop", "halted")
        first = self.state(engine, "again")["Pid"]
        engine.stop()
        self.assertIn("stopping 4 containers", engine.log())
        engine.start()
        self.assertEqual((self.state(engine, "plain")["Status"], self.state(engine, "plain")["ExitCode"]), ("exited", 7))
        for name in ("again", "also"):
            eventually(lambda: self.state(engine, name)["Running"], what=f"{name} to run again")
        self.assertNotEqual(self.state(engine, "again")["Pid"], first)
        self.assertEqual(self.state(engine, "halted")["Status"], "exited")
        self.assertNotIn("gone", engine.run("ps", "-a", "--format", "{{.Names}}").out.split())

    def test_one_that_does_not_stop_is_killed_in_the_end(self):
        engine = self.start("--live-restore=false", "--shutdown-timeout", "1")
        engine.run("run", "-d", "--name", "deaf", "--stop-timeout", "1", "busybox", "sh", "-c",
                   "trap '' TERM; echo ready; while :; do sleep 0.1; done")
        eventually(lambda: "ready" in engine.run("logs", "deaf").out, what="deaf to run")
        engine.stop()
        engine.start()
        self.assertEqual((self.state(engine, "deaf")["Status"], self.state(engine, "deaf")["ExitCode"]), ("exited", 137))
