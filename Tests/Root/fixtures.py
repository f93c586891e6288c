"""One engine with a small image for all tests of a class."""

import io
import os
import pathlib
import tarfile
import unittest

from engine import Engine, eventually

APPLETS = ("sh ls cat echo true false sleep env id pwd hostname ps kill ping wget nc httpd nslookup touch mkdir rm mv cp chmod chown "
           "stat head tail grep sed wc test seq yes dd mount umount ip ifconfig date sync find tar tty stty uname printf od").split()


def busybox_tar():
    """A root file system of one static program, with users and a web page."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        def directory(name, mode=0o755):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, mode
            tar.addfile(entry)

        def text(name, content, mode=0o644):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content.encode()))

        for name in ("bin", "etc", "root", "var", "www", "data"):
            directory(name)
        directory("tmp", 0o1777)
        tar.add("/bin/busybox", "bin/busybox")
        for name in APPLETS:
            entry = tarfile.TarInfo(f"bin/{name}")
            entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(entry)
        text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nweb:x:33:33::/www:/bin/sh\n")
        text("etc/group", "root:x:0:\nweb:x:33:\nextra:x:44:web\n")
        text("www/index.html", "hello from busybox\n")
        text("data/seed", "from the image\n")
        text("bin/not-executable", "#!/bin/sh\n", 0o644)
        text("etc/nsswitch.conf", "hosts: files dns\n")
    return buffer.getvalue()


class EngineTest(unittest.TestCase):
    """Tests that share an engine in which the image `busybox` stands."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.engine = Engine().start()
        cls.addClassCleanup(cls.engine.close)
        cls.engine.run("import", "-", "busybox", input=busybox_tar())

    def run_skiff(self, *arguments, **options):
        return self.engine.run(*arguments, **options)

    def fails(self, code, *arguments, **options):
        """Runs a command that must fail with this code, and returns its result."""
        result = self.engine.run(*arguments, check=False, **options)
        self.assertEqual(result.code, code, result)
        return result

    def remove_later(self, *names):
        self.addCleanup(lambda: self.engine.run("rm", "-f", "-v", *names, check=False))

    def write(self, directory, files):
        """Writes files into a directory and returns it."""
        for name, content in files.items():
            path = pathlib.Path(directory) / name
            os.makedirs(path.parent, exist_ok=True)
            path.write_text(content)
        return directory
