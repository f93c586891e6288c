"""Bundles over a busybox root for skiff-runtime, from outside."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from engine import PROGRAMS
from shim import busybox_layer

RUNTIME = str(PROGRAMS / "skiff-runtime")


class Answer:
    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout.decode()
        self.err = done.stderr.decode()
        self.lines = self.out.split("\n")[:-1]


class RuntimeCase(unittest.TestCase):
    """A root file system and states of its own for all tests of a class."""

    number = 0

    @classmethod
    def setUpClass(cls):
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="skiff-runtime-test-"))
        # Root of a user namespace is a stranger here, and must get to the root file system.
        cls.directory.chmod(0o711)
        busybox_layer(cls.directory / "rootfs")
        root = cls.directory / "rootfs"
        (root / "bin/garbage").write_text("no program")
        (root / "bin/garbage").chmod(0o755)
        (root / "bin/plain").write_text("no program either")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.directory)

    def runtime(self, *arguments, stdin=b"", timeout=30):
        return Answer(subprocess.run(
            [RUNTIME, "--root", str(self.directory / "state"), *arguments], input=stdin, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=timeout))

    def bundle(self, change=None):
        """A fresh bundle of the example, with a plain shell for a command and `change` applied; its path and an ID."""
        RuntimeCase.number += 1
        name = f"skiff-test-{os.getpid()}-{RuntimeCase.number}"
        path = self.directory / name
        path.mkdir()
        self.runtime("spec", "--bundle", str(path))
        config = json.loads((path / "config.json").read_text())
        config["root"] = {"path": str(self.directory / "rootfs")}
        config["process"].update(terminal=False, noNewPrivileges=False, rlimits=[])
        if change:
            change(config)
        (path / "config.json").write_text(json.dumps(config))
        return str(path), name

    def run_command(self, command, change=None, stdin=b""):
        def both(config):
            config["process"]["args"] = command if isinstance(command, list) else ["sh", "-c", command]
            if change:
                change(config)
        path, name = self.bundle(both)
        return self.runtime("run", "--bundle", path, name, stdin=stdin)

    def created(self, command, change=None):
        """The ID of a container that waits for its start."""
        def both(config):
            config["process"]["args"] = ["sh", "-c", command]
            if change:
                change(config)
        path, name = self.bundle(both)
        # Not a pipe: the container keeps it.
        with open(self.directory / "output", "wb") as output:
            done = subprocess.run(
                [RUNTIME, "--root", str(self.directory / "state"), "create", "--bundle", path, name],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self.assertEqual(done.returncode, 0, (self.directory / "output").read_text())
        self.addCleanup(self.runtime, "delete", "--force", name)
        return name

    def status(self, name):
        return json.loads(self.runtime("state", name).out)["status"]
