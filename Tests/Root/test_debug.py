"""What is left to look at: a container without tools, and the log of one that is gone."""

import io
import tarfile
import unittest

from engine import eventually
from fixtures import EngineTest


def bare_tar():
    """An image of one program and nothing else."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        tar.add("/bin/busybox", "busybox")
        entry = tarfile.TarInfo("settings")
        entry.size = 6
        tar.addfile(entry, io.BytesIO(b"a = b\n"))
        for name in ("proc", "dev", "sys", "etc"):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
    return buffer.getvalue()


class Debug(EngineTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.engine.run("import", "-c", 'CMD ["/busybox", "httpd", "-f", "-p", "127.0.0.1:8000"]', "-", "bare", input=bare_tar())
        cls.engine.run("run", "-d", "--name", "bare", "--user", "33", "bare")

    def test_the_image_has_no_shell(self):
        self.fails(127, "exec", "bare", "sh")

    def test_a_shell_with_tools_sees_processes_network_and_files(self):
        said = self.run_skiff("debug", "bare", input=b"cat $ROOT/settings; ls /proc/1/root; wget -q -O - http://127.0.0.1:8000/; cat /proc/1/cmdline; exit 3",
                              check=False)
        self.assertEqual(said.code, 3, said)
        lines = said.out.splitlines()
        self.assertEqual(lines[0], "a = b")
        self.assertIn("busybox", lines)
        self.assertIn("/busybox\0httpd", said.out)
        self.assertIn("404", said.err)
        self.assertIn("skiff debug: beside bare, with the tools of busybox; its files are at /proc/1/root, $ROOT\n", said.err)

    def test_a_command_is_run_and_its_status_given(self):
        self.assertEqual(self.run_skiff("debug", "bare", "cat", "/proc/1/root/settings").out, "a = b\n")
        self.fails(7, "debug", "bare", "sh", "-c", "exit 7")

    def test_nothing_is_left_behind(self):
        self.run_skiff("debug", "bare", "true")
        self.assertEqual(self.run_skiff("ps", "-aq", "--filter", "label=org.skiff.debug").out, "")

    def test_a_container_that_ended_is_looked_at_in_a_copy(self):
        self.run_skiff("run", "--name", "ended", "-v", "/kept", "bare", "/busybox", "sh", "-c", "echo left > /trace; exit 5", check=False)
        self.remove_later("ended")
        before = (self.run_skiff("images", "-aq").out, self.run_skiff("volume", "ls", "-q").out)
        said = self.run_skiff("debug", "ended", input=b"cat /trace; echo changed > /trace; ls -d /busybox; exit 4", check=False)
        self.assertEqual((said.code, said.out), (4, "left\n/busybox\n"), said)
        self.assertEqual(self.run_skiff("debug", "ended", "cat", "/trace").out, "left\n")
        self.assertEqual((self.run_skiff("images", "-aq").out, self.run_skiff("volume", "ls", "-q").out), before)

    def test_an_image_without_the_tools_is_refused(self):
        self.run_skiff("create", "--name", "new", "bare")
        self.remove_later("new")
        volumes = self.run_skiff("volume", "ls", "-q").out
        result = self.run_skiff("debug", "--image", "bare", "new", check=False)
        self.assertEqual(result.code, 127)
        self.assertEqual(self.run_skiff("volume", "ls", "-q").out, volumes)
        self.fails(125, "debug", "nobody")


class PreviousLogs(EngineTest):
    def test_the_log_of_a_name_outlives_its_container(self):
        self.run_skiff("run", "--name", "web", "busybox", "sh", "-c", "echo out; echo err >&2; exit 3", check=False)
        id = self.engine.inspect("web")[0]["Id"]
        self.run_skiff("rm", "web")
        kept = self.run_skiff("logs", "--previous", "web")
        self.assertEqual((kept.out, kept.err), ("out\n", "err\n"))
        self.assertEqual(self.run_skiff("logs", "--previous", "--tail", "1", id[:12]).err, "err\n")
        self.run_skiff("run", "--rm", "--name", "web", "busybox", "echo", "again")
        eventually(lambda: self.run_skiff("logs", "--previous", "web").out == "again\n", what="the log of the later one")

    def test_a_terminals_output_stays_as_it_is(self):
        self.run_skiff("run", "-t", "--name", "screen", "busybox", "echo", "wide")
        self.run_skiff("rm", "screen")
        self.assertEqual(self.run_skiff("logs", "--previous", "screen").out, "wide\r\n")

    def test_rm_with_volumes_takes_the_log_along(self):
        for arguments in (("rm", "-v", "gone"), ("container", "prune", "-f")):
            self.run_skiff("run", "--name", "gone", "busybox", "echo", "x")
            self.run_skiff(*arguments)
            result = self.fails(1, "logs", "--previous", "gone")
            self.assertIn("No log of a removed container named gone is kept", result.err)

    def test_it_cannot_be_followed(self):
        self.fails(1, "logs", "--previous", "-f", "web")


if __name__ == "__main__":
    unittest.main()
