"""Volumes with options of the local driver: what they name is mounted while somebody needs it, and no longer."""

import io
import pathlib
import shutil
import subprocess
import tarfile
import tempfile
import unittest

from engine import SKIFF, Engine, eventually, mounts_below
from fixtures import busybox_tar


class VolumeOptions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = pathlib.Path(tempfile.mkdtemp(prefix="skiff-options-"))
        cls.addClassCleanup(shutil.rmtree, cls.place, ignore_errors=True)
        cls.engine = Engine().start()
        cls.addClassCleanup(cls.engine.close)
        cls.engine.run("import", "-", "busybox", input=busybox_tar())

    def setUp(self):
        self.run_skiff = self.engine.run
        self.assertEqual(self.mounted(), [])
        self.directory = pathlib.Path(tempfile.mkdtemp(dir=self.place))
        (self.directory / "word").write_text("there\n")
        self.addCleanup(lambda: self.run_skiff("volume", "rm", "-f", "placed", check=False))
        self.run_skiff("volume", "create", "-o", "type=none", "-o", "o=bind", "-o", f"device={self.directory}", "placed")

    def mounted(self):
        return [place.split("/volumes/")[1] for place in mounts_below(self.engine.directory / "data/volumes")]

    def gone(self):
        eventually(lambda: not self.mounted(), what="the end of the mount")
        self.assertEqual((self.directory / "word").read_text(), "there\n")

    def begin(self, name, *options):
        self.addCleanup(lambda: self.run_skiff("rm", "-f", name, check=False))
        self.run_skiff("run", "-d", "--name", name, *options, "busybox", "sleep", "1000")

    def test_it_is_mounted_from_the_first_container_to_the_last(self):
        self.begin("one", "-v", "placed:/v")
        self.begin("two", "--volumes-from", "one")
        self.assertEqual(self.mounted(), ["placed/_data"])
        self.run_skiff("stop", "-t", "0", "one")
        self.assertEqual(self.run_skiff("exec", "two", "cat", "/v/word").out, "there\n")
        self.assertEqual(self.mounted(), ["placed/_data"])
        self.run_skiff("rm", "-f", "two")
        self.gone()
        self.run_skiff("start", "one")
        self.assertEqual(self.run_skiff("exec", "one", "cat", "/v/word").out, "there\n")
        self.run_skiff("rm", "-f", "one")
        self.gone()

    def test_a_container_that_ends_or_never_starts_leaves_nothing(self):
        self.assertEqual(self.run_skiff("run", "--rm", "-v", "placed:/v", "busybox", "cat", "/v/word").out, "there\n")
        self.gone()
        self.assertEqual(self.run_skiff("run", "--rm", "-v", "placed:/v", "busybox", "/missing", check=False).code, 127)
        self.gone()
        self.addCleanup(lambda: self.run_skiff("rm", "-f", "idle", check=False))
        self.run_skiff("create", "--name", "idle", "-v", "placed:/v", "busybox", "true")
        self.gone()

    def test_cp_reaches_the_volume_of_a_container_that_does_not_run(self):
        self.addCleanup(lambda: self.run_skiff("rm", "-f", "idle", check=False))
        self.run_skiff("create", "--name", "idle", "-v", "placed:/v", "busybox", "true")
        tar = tarfile.open(fileobj=io.BytesIO(subprocess.run(
            [SKIFF, "cp", "idle:/v/word", "-"], env=self.engine.variables(), check=True, stdout=subprocess.PIPE).stdout))
        self.assertEqual(tar.extractfile("word").read(), b"there\n")
        self.gone()
        source = self.directory.parent / "new"
        source.write_text("new\n")
        self.run_skiff("cp", str(source), "idle:/v/new")
        self.assertEqual((self.directory / "new").read_text(), "new\n")
        self.gone()

    def test_a_tmpfs_is_one_for_all_who_use_it_at_a_time(self):
        self.addCleanup(lambda: self.run_skiff("volume", "rm", "-f", "memory", check=False))
        self.run_skiff("volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "-o", "o=size=1m", "memory")
        self.begin("writer", "-v", "memory:/v")
        self.run_skiff("exec", "writer", "sh", "-c", "echo kept > /v/note")
        self.assertEqual(self.run_skiff("run", "--rm", "-v", "memory:/v", "busybox", "cat", "/v/note").out, "kept\n")
        self.assertEqual(self.run_skiff("exec", "writer", "cat", "/v/note").out, "kept\n")
        self.run_skiff("rm", "-f", "writer")
        self.gone()

    def test_what_its_options_name_is_neither_counted_nor_pruned(self):
        self.addCleanup(lambda: self.run_skiff("volume", "rm", "-f", "plain", check=False))
        self.run_skiff("volume", "create", "plain")
        self.run_skiff("run", "--rm", "-v", "plain:/v", "-v", "placed:/p", "busybox", "sh", "-c", "cat /p/word > /v/word; ln /v/word /v/twin")
        self.begin("holder", "-v", "placed:/v")
        told = self.run_skiff("system", "df", "-v").out
        self.assertRegex(told, r"(?m)^plain +0 +6B")
        self.assertNotIn("placed", told)
        self.run_skiff("rm", "-f", "holder")
        pruned = self.run_skiff("volume", "prune", "-af").out
        self.assertIn("Total reclaimed space: 6B", pruned)
        self.assertEqual(self.run_skiff("volume", "ls", "-q").out.split(), ["placed"])

    def test_the_count_survives_the_engine(self):
        self.begin("stays", "-v", "placed:/v")
        self.begin("ends", "-v", "placed:/v")
        self.engine.kill()
        self.engine.start()
        self.assertEqual(self.run_skiff("exec", "stays", "cat", "/v/word").out, "there\n")
        self.run_skiff("rm", "-f", "ends")
        self.assertEqual(self.mounted(), ["placed/_data"])
        pid = self.engine.inspect("stays")[0]["State"]["Pid"]
        self.engine.kill()
        subprocess.run(["kill", "-KILL", str(pid)], check=True)
        eventually(lambda: not pathlib.Path(f"/proc/{pid}").exists(), what="the container's end")
        self.engine.start()
        self.gone()

    def test_what_an_engine_left_mounted_goes_at_the_next_start(self):
        self.engine.kill()
        data = self.engine.directory / "data/volumes/placed/_data"
        subprocess.run(["mount", "--bind", str(self.directory), str(data)], check=True)
        self.engine.start()
        self.gone()

    def test_removing_a_volume_stops_at_what_is_mounted_in_it(self):
        self.addCleanup(lambda: self.run_skiff("volume", "rm", "-f", "plain", check=False))
        self.run_skiff("volume", "create", "plain")
        inner = self.engine.directory / "data/volumes/plain/_data/deep/inner"
        inner.mkdir(parents=True)
        subprocess.run(["mount", "--bind", str(self.directory), str(inner)], check=True)
        try:
            self.assertIn("busy", self.run_skiff("volume", "rm", "plain", check=False).err)
            self.assertIn("plain", self.run_skiff("volume", "ls", "-q").out.split())
            self.assertEqual((self.directory / "word").read_text(), "there\n")
        finally:
            subprocess.run(["umount", str(inner)], check=True)


if __name__ == "__main__":
    unittest.main()
