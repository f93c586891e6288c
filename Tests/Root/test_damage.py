"""Files and records that are damaged: the engine starts, names them, and keeps the rest."""

import os
import sqlite3
import unittest

from engine import Engine
from fixtures import busybox_tar


class Damage(unittest.TestCase):
    def setUp(self):
        self.engine = Engine().start()
        self.addCleanup(self.engine.close)
        self.run_skiff = self.engine.run
        self.run_skiff("import", "-", "busybox", input=busybox_tar())

    def records(self, sql, *values):
        """Runs a statement over the records of the engine, which must not run."""
        database = sqlite3.connect(self.engine.directory / "data/skiff.db")
        with database:
            rows = database.execute(sql, values).fetchall()
        database.close()
        return rows

    def tear(self, kind):
        """Cuts the records of a kind off in their middle; what they were."""
        whole = self.records("SELECT key, value FROM records WHERE kind = ?", kind)
        self.assertTrue(whole, f"records of {kind}")
        for key, value in whole:
            self.records("UPDATE records SET value = ? WHERE kind = ? AND key = ?", value[:len(value) // 2], kind, key)
        return {key: value for key, value in whole}

    def mend(self, kind, whole):
        for key, value in whole.items():
            self.records("UPDATE records SET value = ? WHERE kind = ? AND key = ?", value, kind, key)

    def names(self, *command):
        return set(self.run_skiff(*command).out.split())

    def test_records_that_cannot_be_read_are_named_and_cost_nothing_else(self):
        self.run_skiff("run", "--name", "writer", "busybox", "sh", "-c", "echo kept > /note")
        self.run_skiff("volume", "create", "store")
        self.run_skiff("network", "create", "net")
        self.run_skiff("run", "-d", "--name", "runs", "busybox", "sleep", "1000")
        lists = {"containers": ("ps", "-a", "--format", "{{.Names}}"), "volumes": ("volume", "ls", "-q"),
                 "networks": ("network", "ls", "--format", "{{.Name}}"), "images": ("images", "--format", "{{.Repository}}"),
                 "layers": ("images", "--format", "{{.Repository}}"), "snapshots": ("ps", "-a", "--format", "{{.Names}}")}
        there = {kind: self.names(*command) for kind, command in lists.items()}
        for torn in lists:
            self.engine.stop()
            whole = self.tear(torn)
            self.engine.start()
            log = self.engine.log()
            for key in whole:
                self.assertIn(f"skiff.db: record {torn}/{key} cannot be read", log)
            for kind, command in lists.items():
                if kind in ("containers", "volumes", "networks") and kind != torn:
                    self.assertEqual(self.names(*command), there[kind], f"{kind}, when {torn} is torn")
            self.engine.stop()
            self.mend(torn, whole)
            self.engine.start()
            for kind, command in lists.items():
                self.assertEqual(self.names(*command), there[kind], f"{kind}, after {torn} has been mended")
            self.assertEqual(self.run_skiff("cp", "writer:/note", "-").out.count("kept\n"), 1, f"after {torn}")
            self.assertEqual(self.run_skiff("exec", "runs", "cat", "/data/seed").out, "from the image\n")

    def test_an_image_that_cannot_be_read_is_named(self):
        id = self.run_skiff("images", "-q", "--no-trunc").out.strip()
        self.engine.stop()
        (self.engine.directory / "data/blobs/sha256" / id.removeprefix("sha256:")).write_text("{")
        self.engine.start()
        self.assertIn(f"image {id} is left out: blob {id} is damaged", self.engine.log())
        self.assertEqual(self.names("images", "-q"), set())

    def test_without_records_nothing_is_cleared_up(self):
        self.run_skiff("run", "--name", "writer", "busybox", "sh", "-c", "echo kept > /note")
        self.engine.stop()
        data = self.engine.directory / "data"
        aside = data / "aside"
        aside.mkdir()
        for path in data.glob("skiff.db*"):
            path.rename(aside / path.name)
        self.engine.start()
        self.assertEqual(self.names("images", "-q"), set())
        self.assertIn("skiff.db has no records", self.engine.log())
        self.engine.stop()
        for path in aside.iterdir():
            path.replace(data / path.name)
        self.engine.start()
        self.assertIn("kept\n", self.run_skiff("cp", "writer:/note", "-").out)
        self.assertEqual(self.run_skiff("run", "--rm", "busybox", "echo", "here").out, "here\n")

    def test_a_removal_that_a_crash_cut_off_is_undone_or_ended(self):
        volumes = self.engine.directory / "data/volumes"
        for name in ("kept", "gone"):
            self.run_skiff("run", "--rm", "-v", f"{name}:/v", "busybox", "sh", "-c", f"echo {name} > /v/note")
        self.engine.kill()
        # What stands there between the steps of a removal: before its record has gone, and after.
        (volumes / ".removed").mkdir(exist_ok=True)
        for name in ("kept", "gone"):
            (volumes / name).rename(volumes / ".removed" / name)
        self.records("DELETE FROM records WHERE kind = 'volumes' AND key = 'gone'")
        self.engine.start()
        self.assertEqual(self.names("volume", "ls", "-q"), {"kept"})
        self.assertEqual(self.run_skiff("run", "--rm", "-v", "kept:/v", "busybox", "cat", "/v/note").out, "kept\n")
        self.assertEqual(os.listdir(volumes / ".removed"), [])
        self.assertEqual(self.run_skiff("run", "--rm", "-v", "gone:/v", "busybox", "ls", "/v").out, "")

    def test_what_a_crash_left_beside_the_files_goes(self):
        self.run_skiff("run", "-d", "--name", "runs", "busybox", "sleep", "1000")
        self.engine.kill()
        left = [self.engine.directory / path for path in
                (f"data/blobs/sha256/{'ab' * 32}", "exec/sandboxes/x.json.1.2.new", "exec/names/x.1.2.new")]
        for path in left:
            path.write_text("{}")
        self.engine.start()
        self.assertEqual([path for path in left if path.exists()], [])
        self.assertEqual(self.run_skiff("run", "--rm", "busybox", "echo", "here").out, "here\n")


if __name__ == "__main__":
    unittest.main()
