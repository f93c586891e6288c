"""A container that ends or cannot be reached says why."""

import os
import pathlib
import pty
import socket
import subprocess
import tempfile
import time
import unittest

from engine import SKIFF, eventually
from fixtures import EngineTest

ADVICE = "raise it by --memory, in a compose file by mem_limit or deploy.resources.limits.memory"
EAT = "x=x; while true; do x=$x$x; done"


def foreign_program():
    """An ELF file for a machine that nobody here has."""
    head = bytearray(120)
    head[0:7] = b"\x7fELF\x02\x01\x01"
    head[16:24] = (2).to_bytes(2, "little") + (22).to_bytes(2, "little") + (1).to_bytes(4, "little")
    return bytes(head)


class Explanations(EngineTest):
    def state(self, name):
        return self.engine.inspect(name)[0]["State"]

    def explained(self, name):
        return self.run_skiff("explain", name).out

    def on_a_terminal(self, *arguments):
        """What a person at a terminal sees of a command."""
        mine, theirs = pty.openpty()
        process = subprocess.Popen([SKIFF, *arguments], env=self.engine.variables(), stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs)
        os.close(theirs)
        seen = b""
        while True:
            try:
                piece = os.read(mine, 65536)
            except OSError:
                break
            if not piece:
                break
            seen += piece
        os.close(mine)
        process.wait(timeout=30)
        return seen.decode(errors="replace").replace("\r\n", "\n")

    # What cannot be executed

    def script(self, content, mode=0o755):
        directory = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        path = directory / "start.sh"
        path.write_bytes(content)
        path.chmod(mode)
        return f"{path}:/start.sh"

    def refused(self, content, mode=0o755):
        result = self.run_skiff("run", "--rm", "-v", self.script(content, mode), "busybox", "/start.sh", check=False)
        self.assertNotEqual(result.code, 0)
        return result.err

    def test_carriage_returns_are_named_with_file_and_line(self):
        said = self.refused(b"#!/bin/sh\r\necho hello\r\n")
        self.assertIn("exec /start.sh: no such file or directory: line 1 of /start.sh ends in a carriage return (CRLF)", said)

    def test_what_could_not_be_executed_stands_in_the_state(self):
        self.remove_later("unread")
        result = self.run_skiff("run", "--name", "unread", "-v", self.script(b"#!/bin/bash\n"), "busybox", "/start.sh", check=False)
        said = "exec /start.sh: no such file or directory: line 1 of /start.sh names the interpreter /bin/bash, which the container does not have"
        self.assertEqual((result.code, result.err), (255, said + "\n"))
        self.assertEqual(self.state("unread")["Error"], said)
        self.assertIn(f"unread: {said}\n", self.on_a_terminal("ps", "-a"))

    def test_an_init_says_it_too(self):
        result = self.run_skiff("run", "--rm", "--init", "-v", self.script(b"#!/bin/sh\r\n"), "busybox", "/start.sh", check=False)
        self.assertEqual(result.code, 127)
        self.assertIn("docker-init: exec /start.sh: no such file or directory: line 1 of /start.sh ends in a carriage return (CRLF)", result.err)

    def test_a_carriage_return_that_the_interpreter_is_given_is_told(self):
        self.remove_later("given")
        result = self.run_skiff("run", "--name", "given", "-v", self.script(b"#!/bin/env nothing\r\n"), "busybox", "/start.sh", check=False)
        said = 'line 1 of /start.sh ends in a carriage return (CRLF), so /bin/env is given "nothing\\r": save the file with LF line ends'
        self.assertEqual(result.code, 127)
        self.assertIn(f"skiff: {said}", result.err)
        self.assertTrue(self.state("given")["Error"].startswith(said), self.state("given"))

    def test_a_command_that_runs_all_the_same_is_not_talked_about(self):
        self.remove_later("content")
        self.run_skiff("run", "--name", "content", "-v", self.script(b"#!/bin/echo -n\r\n"), "busybox", "/start.sh")
        self.assertEqual(self.state("content")["Error"], "")

    def test_an_interpreter_that_is_missing_is_named(self):
        self.assertIn("exec /start.sh: no such file or directory: line 1 of /start.sh names the interpreter /bin/bash, "
                      "which the container does not have", self.refused(b"#!/bin/bash\necho hello\n"))

    def test_a_script_without_an_interpreter_is_told(self):
        self.assertIn("exec /start.sh: exec format error: its first line does not name an interpreter", self.refused(b"echo hello\n"))

    def test_a_program_of_another_machine_is_told(self):
        self.assertIn("exec /start.sh: exec format error: the program is built for s390x, this machine is ",
                      self.refused(foreign_program()))

    def test_what_nobody_may_execute_is_told(self):
        self.assertIn("permission denied: nobody may execute it: chmod +x it", self.refused(b"#!/bin/sh\n", 0o644))

    def test_an_exec_says_it_too(self):
        self.remove_later("beside")
        self.run_skiff("run", "-d", "--name", "beside", "-v", self.script(b"#!/bin/sh\r\n"), "busybox", "sleep", "1000")
        result = self.run_skiff("exec", "beside", "/start.sh", check=False)
        self.assertIn("ends in a carriage return (CRLF)", result.out + result.err)

    # What ends

    def test_out_of_memory_is_told_with_limit_and_peak(self):
        result = self.fails(137, "run", "--name", "hungry", "--memory", "16m", "busybox", "sh", "-c", EAT)
        self.remove_later("hungry")
        self.assertEqual(result.err, f"skiff: killed: the memory limit of 16MiB was reached (peak 16MiB); {ADVICE}\n")
        state = self.state("hungry")
        self.assertTrue(state["OOMKilled"])
        self.assertEqual(f"skiff: {state['Error']}\n", result.err)
        self.assertIn("  killed: the memory limit of 16MiB was reached", self.explained("hungry"))
        seen = self.on_a_terminal("ps", "-a", "--filter", "name=hungry")
        self.assertIn(f"hungry: {state['Error']}\n", seen)
        self.assertIn(f"hungry: {state['Error']}\n", self.on_a_terminal("logs", "hungry"))

    def test_a_process_that_is_killed_beside_the_first_is_told_while_it_runs(self):
        self.remove_later("mother")
        since = time.time()
        self.run_skiff("run", "-d", "--init", "--name", "mother", "--memory", "16m", "busybox", "sh", "-c", f"({EAT}); echo on; sleep 1000")
        eventually(lambda: "on" in self.run_skiff("logs", "mother").out, what="the child's end")
        said = f"a process in it was killed: the memory limit of 16MiB was reached (peak 16MiB); {ADVICE}"
        eventually(lambda: f"  {said}\n" in self.explained("mother"), what="the explanation")
        self.assertTrue(self.state("mother")["Running"] and self.state("mother")["OOMKilled"])
        self.assertIn(f"mother: {said}\n", self.on_a_terminal("ps"))
        self.assertEqual(self.events("mother", "oom", since), 1)
        self.engine.kill()
        self.engine.start()
        self.assertIn(f"  {said}\n", self.explained("mother"))
        self.run_skiff("restart", "-t", "0", "mother")
        eventually(lambda: self.run_skiff("logs", "mother").out.count("on") == 2, what="the second child's end")
        eventually(lambda: f"  {said}\n" in self.explained("mother"), what="the explanation")

    def test_a_first_process_that_is_killed_is_told_of_once(self):
        since = time.time()
        self.fails(137, "run", "--rm", "--name", "greedy", "--memory", "16m", "busybox", "sh", "-c", EAT)
        self.assertEqual(self.events("greedy", "oom", since), 1)

    def events(self, name, action, since):
        said = self.run_skiff("events", "--since", f"{since:.3f}", "--until", f"{time.time():.3f}", "--filter", f"container={name}",
                              "--filter", f"event={action}", "--format", "{{.Action}}").out
        return said.splitlines().count(action)

    def test_a_dependency_that_fails_is_told_with_its_last_words(self):
        project = self.enterContext(tempfile.TemporaryDirectory())
        self.write(project, {"compose.yaml": """
services:
  db:
    image: busybox
    command: [sh, -c, "echo starting; echo cannot read the settings; exit 3"]
    healthcheck: {test: [CMD, "true"], interval: 1s}
  web: {image: busybox, command: sleep 1000, depends_on: {db: {condition: service_healthy}}}
"""})
        self.addCleanup(lambda: self.run_skiff("compose", "-p", "words", "down", "-t", "0", cwd=project))
        result = self.fails(1, "compose", "-p", "words", "up", "-d", cwd=project)
        self.assertIn("container words-db-1 exited (3): cannot read the settings", result.err)

    def test_pulls_that_another_failure_stops_are_told_as_interrupted(self):
        silent, gone = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        project = self.enterContext(tempfile.TemporaryDirectory())
        self.write(project, {"compose.yaml": f"""
services:
  slow: {{image: "127.0.0.1:{silent.getsockname()[1]}/slow"}}
  gone: {{image: "127.0.0.1:{gone.getsockname()[1]}/gone"}}
"""})
        gone.close()
        result = self.fails(1, "compose", "-p", "stopped", "up", "-d", cwd=project)
        self.assertIn(" slow  Interrupted\n", result.err)
        self.assertIn("connection refused", result.err)

    def test_what_is_waited_for_is_told_once(self):
        project = self.enterContext(tempfile.TemporaryDirectory())
        self.write(project, {"compose.yaml": """
services:
  web:
    image: busybox
    command: sleep 1000
    healthcheck: {test: [CMD, sh, -c, "sleep 0.5"], interval: 100ms}
"""})
        self.addCleanup(lambda: self.run_skiff("compose", "-p", "once", "down", "-t", "0", cwd=project))
        result = self.run_skiff("compose", "-p", "once", "up", "--wait", cwd=project)
        self.assertEqual(result.err.count("Container once-web-1  Waiting"), 1, result)

    def test_scripts_see_what_docker_shows(self):
        self.run_skiff("run", "--name", "plain", "--memory", "16m", "busybox", "sh", "-c", EAT, check=False)
        self.remove_later("plain")
        for command in (("ps", "-a"), ("logs", "plain")):
            result = self.run_skiff(*command)
            self.assertNotIn("memory limit", result.out + result.err)

    def test_who_cannot_hear_sigterm_is_not_waited_for(self):
        self.run_skiff("run", "-d", "--name", "deaf", "busybox", "sleep", "1000")
        self.remove_later("deaf")
        self.assertIn("has no handler for SIGTERM, so stop kills it; with --init", self.explained("deaf"))
        start = time.monotonic()
        self.assertIn("deaf: killed at once: the first process (sleep)", self.on_a_terminal("stop", "deaf"))
        self.assertLess(time.monotonic() - start, 5)
        state = self.state("deaf")
        self.assertEqual(state["ExitCode"], 137)
        self.assertNotIn("killed at once", self.on_a_terminal("ps", "-a"))
        self.assertTrue(state["Error"].startswith("killed at once: the first process (sleep) has no handler for SIGTERM"), state)

    def test_a_time_that_was_asked_for_is_waited(self):
        self.run_skiff("run", "-d", "--name", "patient", "busybox", "sleep", "1000")
        self.remove_later("patient")
        start = time.monotonic()
        self.run_skiff("stop", "-t", "1", "patient")
        self.assertGreaterEqual(time.monotonic() - start, 1)
        self.assertEqual(self.state("patient")["Error"], "")

    def test_who_hears_sigterm_gets_its_time(self):
        self.run_skiff("run", "-d", "--name", "orderly", "busybox", "sh", "-c", "trap 'sleep 0.3; exit 3' TERM; echo ready; sleep 1000 & wait")
        self.remove_later("orderly")
        eventually(lambda: "ready" in self.run_skiff("logs", "orderly").out)
        self.run_skiff("stop", "orderly")
        self.assertEqual((self.state("orderly")["ExitCode"], self.state("orderly")["Error"]), (3, ""))

    def test_its_last_words_are_shown(self):
        self.run_skiff("run", "--name", "failing", "busybox", "sh", "-c", "echo one; echo no database >&2; exit 3", check=False)
        self.remove_later("failing")
        lines = self.explained("failing").splitlines()
        self.assertTrue(lines[0].startswith("failing: Exited (3)"), lines)
        self.assertEqual(lines[1:3], ["  its command has ended by itself with status 3", "  its last words:"])
        self.assertEqual(sorted(lines[3:]), ["    no database", "    one"])

    # What cannot be reached

    def test_a_server_on_loopback_only_is_told(self):
        labels = ("--label", "com.docker.compose.project=told", "--label", "com.docker.compose.service=web")
        self.run_skiff("run", "-d", "--name", "hidden", *labels, "-p", "127.0.0.1::8000", "busybox", "httpd", "-f", "-p", "127.0.0.1:8000")
        self.remove_later("hidden")
        port = self.engine.inspect("hidden")[0]["NetworkSettings"]["Ports"]["8000/tcp"][0]["HostPort"]
        expected = (f"port 8000, published as {port}, is listened to on 127.0.0.1 only, where nobody outside the container gets to: "
                    "let the program listen on 0.0.0.0")
        eventually(lambda: f"  {expected}\n" in self.explained("hidden"), what="the explanation")
        self.assertIn(f"hidden: {expected}\n", self.on_a_terminal("ps"))
        self.assertIn(f"hidden: {expected}\n", self.on_a_terminal("compose", "-p", "told", "ps"))

    def test_a_port_that_nobody_listens_to_is_told_with_those_that_are(self):
        self.run_skiff("run", "-d", "--name", "other", "-p", "127.0.0.1::80", "busybox", "httpd", "-f", "-p", "8000")
        self.remove_later("other")
        eventually(lambda: "nothing listens on port 80, which is published as " in (said := self.explained("other"))
                   and "; the container listens on [::]:8000" in said, what="the explanation")

    def test_a_server_that_can_be_reached_is_not_talked_about(self):
        self.run_skiff("run", "-d", "--name", "fine", "--init", "-p", "127.0.0.1::8000", "busybox", "httpd", "-f", "-p", "8000")
        self.remove_later("fine")
        eventually(lambda: self.explained("fine").splitlines()[1:] == ["  nothing is known against it"], what="peace")


if __name__ == "__main__":
    unittest.main()
