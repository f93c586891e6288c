"""A data root without any space left: who wants to free some must be able to."""

import errno
import os
import subprocess
import tempfile
import unittest

from engine import Engine, remove_tree
from fixtures import busybox_tar


class FullDisk(unittest.TestCase):
    def setUp(self):
        self.engine = Engine()
        self.data = self.engine.directory / "data"
        self.data.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(self.data)], check=True)
        # Also where no engine comes up.
        self.addCleanup(remove_tree, self.engine.directory)
        self.engine.start()
        self.addCleanup(self.engine.close)
        self.addCleanup(lambda: (self.data / "filler").unlink(missing_ok=True))
        self.run_skiff = self.engine.run
        self.run_skiff("import", "-", "busybox", input=busybox_tar())
        self.run_skiff("run", "-d", "--name", "runs", "busybox", "sleep", "1000")
        self.run_skiff("create", "--name", "idle", "busybox", "true")
        self.run_skiff("volume", "create", "unused")

    def fill(self):
        """Writes until the very last byte is taken."""
        with open(self.data / "filler", "ab", buffering=0) as file:
            for size in (1 << 20, 4096, 1):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError as error:
                    self.assertEqual(error.errno, errno.ENOSPC)

    def names(self):
        return self.run_skiff("ps", "-a", "--format", "{{.Names}}").out.split()

    def test_what_frees_space_works_and_nothing_else(self):
        self.fill()
        refused = self.run_skiff("create", "--name", "more", "busybox", "true", check=False)
        self.assertNotEqual(refused.code, 0)
        self.assertIn("no space left on device", refused.err.lower())
        self.assertNotIn("more", self.names())
        self.fill()
        self.run_skiff("rm", "-f", "runs")
        self.fill()
        self.run_skiff("rm", "idle")
        self.fill()
        self.run_skiff("volume", "rm", "unused")
        self.fill()
        self.run_skiff("image", "rm", "busybox")
        self.assertEqual(self.names(), [])
        self.assertEqual(self.run_skiff("images", "-q").out, "")
        # The room for the next time is there again as soon as there is some.
        os.unlink(self.data / "filler")
        self.run_skiff("import", "-", "busybox", input=busybox_tar())
        self.run_skiff("create", "--name", "idle", "busybox", "true")
        self.fill()
        self.run_skiff("rm", "idle")

    def test_everything_can_be_pruned(self):
        self.run_skiff("stop", "-t", "0", "runs")
        self.fill()
        self.run_skiff("system", "prune", "-a", "-f", "--volumes")
        self.assertEqual(self.names(), [])
        self.assertEqual(self.run_skiff("images", "-q").out, "")

    def test_an_engine_starts_and_removes(self):
        self.engine.kill()
        self.fill()
        self.engine.start()
        self.fill()
        self.run_skiff("rm", "-f", "runs", "idle")
        self.run_skiff("image", "rm", "busybox")
        self.engine.stop()
        self.fill()
        self.engine.start()
        self.assertEqual(self.names(), [])

    def test_cp_says_what_is_missing(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"x" * (1 << 20))
            file.flush()
            self.fill()
            for name in ("idle", "runs"):
                refused = self.run_skiff("cp", file.name, f"{name}:/big", check=False)
                self.assertEqual(refused.code, 1, refused)
                self.assertIn("no space left on device", refused.err.lower())
                self.assertNotIn("layer", refused.err)


if __name__ == "__main__":
    unittest.main()
