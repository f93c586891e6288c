"""The three ways in which a reader may have `docker`, `docker compose` and `docker-compose` on the path.

Each is a directory of small programs that comes first in PATH, so that every command is typed as the tutorials spell it.
"""

import os
import pathlib
import shutil
import stat
import subprocess

from engine import SKIFF, TOP


class Client:
    """`name` heads the client's column; `hyphenated` says whether its docker-compose is the old one, with its own wording."""

    def __init__(self, name, title, directory, programs, hyphenated=False):
        self.name, self.title, self.hyphenated = name, title, hyphenated
        self.bin = pathlib.Path(directory) / name / "bin"
        self.config = pathlib.Path(directory) / name / "docker-config"
        self.bin.mkdir(parents=True)
        (self.config / "cli-plugins").mkdir(parents=True)
        for program, command in programs.items():
            path = self.bin / program
            path.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
        # Debian names it python3 only; the tutorials say python.
        (self.bin / "python").symlink_to(shutil.which("python3"))

    def environment(self, host):
        """The reader's variables, with this client's programs and the engine at `host`."""
        variables = {name: value for name, value in os.environ.items()
                     if not name.startswith(("COMPOSE_", "DOCKER_", "SKIFF_", "PYTHONDONTWRITE"))}
        return dict(variables, PATH=f"{self.bin}:{os.environ['PATH']}", SKIFF_HOST=host, DOCKER_HOST=host, DOCKER_BUILDKIT="0",
                    DOCKER_CONFIG=str(self.config), TERM="xterm", LANG="C.UTF-8")


def _fetched(script):
    return subprocess.run([str(TOP / "scripts" / script)], check=True, stdout=subprocess.PIPE, timeout=600).stdout.decode().strip()


def _compose_v2(client):
    (client.config / "cli-plugins/docker-compose").symlink_to(_fetched("fetch-compose"))
    return client


def skiff(directory):
    return Client("skiff", "skiff", directory, {"docker": SKIFF, "docker-compose": f"{SKIFF} compose"})


def docker(directory):
    program = shutil.which("docker")
    return _compose_v2(Client("docker", "docker, docker compose v2", directory, {"docker": program, "docker-compose": f"{program} compose"}))


def old(directory):
    """docker-compose 1.29.2; beside it Debian's docker CLI, which is of the same age, where that is installed."""
    program = "/usr/bin/docker" if os.path.exists("/usr/bin/docker") else shutil.which("docker")
    return _compose_v2(Client("docker-compose", "docker-compose 1.29.2", directory,
                              {"docker": program, "docker-compose": _fetched("fetch-docker-compose-v1")}, hyphenated=True))


ALL = {"skiff": skiff, "docker": docker, "docker-compose": old}
