"""skiff's commands and flags are docker's and Docker Compose's: their help pages, walked from the top, without an engine."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from engine import SKIFF, docker_config

# Commands that skiff leaves out, with all below them.
WITHOUT = {
    "config", "node", "secret", "service", "stack", "swarm",  # there is no swarm mode
    "volume update",  # volumes of a cluster
    "plugin", "trust", "manifest", "checkpoint",
    "compose publish", "compose bridge", "compose alpha",
}
# Flags that skiff leaves out of its help, by command; those of `run` are understood and refused, or change nothing on Linux.
WINDOWS = {"cpu-count", "cpu-percent", "io-maxbandwidth", "io-maxiops", "kernel-memory", "use-api-socket", "help"}
CLUSTER = {"availability", "group", "limit-bytes", "required-bytes", "scope", "secret", "sharing", "topology-preferred",
           "topology-required", "type"}
UNSHOWN = {
    "run": WINDOWS, "create": WINDOWS, "build": {"compress", "isolation", "squash"}, "start": {"checkpoint", "checkpoint-dir"},
    "network create": {"ingress"}, "volume create": CLUSTER, "volume ls": {"cluster"},
    "compose build": {"builder", "check", "print", "provenance", "sbom"}, "compose cp": {"all"}, "compose up": {"menu"},
}
TRUST = {"disable-content-trust"}
# Flags that docker has not.
OURS = {
    "run": {"health-on-failure"}, "create": {"health-on-failure"}, "logs": {"previous"},
    "build": {"progress", "secret", "ssh"},  # docker has `--secret` and `--ssh` with BuildKit only
    "builder prune": {"reserved-space", "max-used-space", "min-free-space"},  # buildx has them
    "compose start": {"wait", "wait-timeout"},
}
# Usage lines that differ: docker puts the word behind the others, or leaves it out where there are options.
USAGE = {"compose wait", "compose scale", "compose start", "compose watch"}

FLAG = re.compile(r"^ +(?:(-\w), )?--([\w.-]+)(?: (\S+))?(?:$| {2,})")


def page(program, words, environment):
    result = subprocess.run([*program, *words, "--help"], env=environment, capture_output=True, text=True, timeout=30)
    return result.stdout or result.stderr


class Page:
    def __init__(self, text):
        self.usage = (re.search(r"^Usage: +(.*)$", text, re.M) or [None, ""])[1].replace("skiff", "docker")
        self.aliases = (re.search(r"^Aliases:\n +(.*)$", text, re.M) or [None, ""])[1].replace("skiff", "docker")
        self.flags, self.commands = {}, []
        section = ""
        for line in text.splitlines():
            if re.match(r"^\S.*:$", line):
                section = line
            elif "ommands" in section and (found := re.match(r"^  ([\w-]+)\*? ", line)):
                self.commands.append(found[1])
            elif "ptions" in section and (found := FLAG.match(line)):
                self.flags[found[2]] = (found[1], found[3])


def known(table, path):
    """What a table has for a command, by its whole path or its last word."""
    return table.get(path) or (set() if path.startswith("compose ") else table.get(path.split(" ")[-1], set()))


class CommandTree(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        version = subprocess.run(["docker", "--version"], capture_output=True, text=True).stdout
        if not re.search(r"version (2[89]|[3-9]\d)\.", version):
            raise unittest.SkipTest(f"the docker CLI is too old to compare with: {version}")
        scratch = tempfile.mkdtemp(prefix="skiff-tree-")
        cls.addClassCleanup(shutil.rmtree, scratch, ignore_errors=True)
        cls.environment = dict(os.environ, DOCKER_CONFIG=docker_config(scratch), DOCKER_HOST="unix:///nowhere/docker.sock", COLUMNS="80")

    def compare(self, path, slips):
        words = path.split()
        theirs, ours = (Page(page([program], words, self.environment)) for program in ("docker", SKIFF))
        if theirs.usage != ours.usage and path not in USAGE:
            slips.append(f"{path}: usage is {ours.usage!r}, not {theirs.usage!r}")
        if theirs.aliases != ours.aliases:
            slips.append(f"{path}: aliases are {ours.aliases!r}, not {theirs.aliases!r}")
        for name, form in theirs.flags.items():
            if name in known(UNSHOWN, path) | TRUST:
                if name in ours.flags:
                    slips.append(f"{path}: --{name} is shown, and stands in the list of what is not")
            elif ours.flags.get(name) != form:
                slips.append(f"{path}: --{name} is {ours.flags.get(name)}, not {form}")
        for name in set(ours.flags) - set(theirs.flags) - known(OURS, path):
            slips.append(f"{path}: --{name} is not docker's")
        common = [name for name in theirs.flags if name in ours.flags]
        if common != [name for name in ours.flags if name in theirs.flags]:
            slips.append(f"{path}: the flags stand in another order")
        for name in theirs.commands:
            inner = f"{path} {name}".strip()
            if inner in WITHOUT or inner == "buildx":
                continue
            if name not in ours.commands:
                slips.append(f"{inner} is not there")
            else:
                self.compare(inner, slips)

    def test_every_command_and_flag_of_docker_and_compose_is_there(self):
        slips = []
        self.compare("", slips)
        self.assertEqual(slips, [], "\n" + "\n".join(slips))


class Absent(unittest.TestCase):
    def test_docker_s_commands_that_are_left_out_say_why(self):
        with tempfile.TemporaryDirectory(prefix="skiff-absent-") as scratch:
            for name in sorted(name for name in WITHOUT | {"buildx"} if " " not in name):
                for words in ([name], [name, "ls"], [name, "--help"]):
                    done = subprocess.run([SKIFF, "--config", scratch, *words], capture_output=True, text=True, timeout=30)
                    if name == "buildx" and done.returncode != 1:
                        break  # The plugin is installed.
                    self.assertEqual((done.returncode, done.stdout), (1, ""), words)
                    self.assertRegex(done.stderr, f'^skiff: no command "{name}": [a-z]')


class Plugins(unittest.TestCase):
    def test_a_plugin_of_the_docker_cli_is_a_command(self):
        with tempfile.TemporaryDirectory(prefix="skiff-plugin-") as scratch:
            plugin = pathlib.Path(scratch, "cli-plugins/docker-greet")
            plugin.parent.mkdir()
            plugin.write_text('#!/bin/sh\necho "$@" for $DOCKER_HOST\nexit 6\n')
            plugin.chmod(0o755)
            call = [SKIFF, "--config", scratch, "-H", "unix:///nowhere/docker.sock"]
            done = subprocess.run([*call, "greet", "--loud", "you"], capture_output=True, text=True, timeout=30)
            self.assertEqual((done.returncode, done.stdout), (6, "greet --loud you for unix:///nowhere/docker.sock\n"))
            done = subprocess.run([*call, "great"], capture_output=True, text=True, timeout=30)
            self.assertEqual(done.returncode, 1)
            self.assertIn("unknown command: skiff great", done.stderr)


if __name__ == "__main__":
    unittest.main()
