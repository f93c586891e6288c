"""What clears up after a test deletes nothing of the host."""

import pathlib
import subprocess
import tempfile
import unittest

from engine import mounts_below, remove_tree


class ClearingUp(unittest.TestCase):
    def test_what_is_mounted_below_an_engines_directory_survives_it(self):
        host = pathlib.Path(tempfile.mkdtemp(prefix="skiff-host-"))
        self.addCleanup(remove_tree, host)
        (host / "precious").write_text("kept")
        engine = pathlib.Path(tempfile.mkdtemp(prefix="skiff-test-"))
        self.addCleanup(remove_tree, engine)
        for name in ("plain", "with space"):
            place = engine / "volumes" / name
            place.mkdir(parents=True)
            subprocess.run(["mount", "--bind", str(host), str(place)], check=True)
        self.assertEqual(len(mounts_below(engine)), 2)
        remove_tree(engine)
        self.assertEqual(mounts_below(engine), [])
        self.assertFalse(engine.exists())
        self.assertEqual((host / "precious").read_text(), "kept")
