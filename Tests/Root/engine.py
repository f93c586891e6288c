"""An engine of its own for a test: skiffd over fresh directories, driven by programs from outside."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = pathlib.Path(os.environ.get("SKIFF_PROGRAMS", TOP / ".build/release"))
SKIFF = str(PROGRAMS / "skiff")


def eventually(condition, within=10.0, what="the condition"):
    """Polls until `condition` gives something true, and returns it."""
    end = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come within {within} s")
        time.sleep(0.02)


def mounts_below(directory):
    """What is mounted at or below `directory`, the deepest first."""
    top = os.path.realpath(directory)
    with open("/proc/self/mountinfo") as table:
        # Spaces and the like stand there as octal numbers.
        places = [line.split()[4].encode().decode("unicode_escape") for line in table]
    return sorted((place for place in places if place == top or place.startswith(top + "/")), key=len, reverse=True)


def remove_tree(directory):
    """Removes an engine's directory, and nothing that is mounted below it.

    A volume may be a directory of the host mounted there: whoever deletes through the mount deletes the host's files.
    """
    for place in mounts_below(directory):
        subprocess.run(["umount", "--lazy", place], check=True)
    left = mounts_below(directory)
    if left:
        raise AssertionError(f"{directory} is not removed: {', '.join(left)} is mounted below it")
    shutil.rmtree(directory, ignore_errors=True)


def docker_config(directory):
    """A configuration directory of the docker CLI below `directory` with the real Docker Compose as its plugin; its path."""
    program = subprocess.run([str(TOP / "scripts/fetch-compose")], check=True, stdout=subprocess.PIPE).stdout.decode().strip()
    plugins = pathlib.Path(directory, "docker-config/cli-plugins")
    plugins.mkdir(parents=True)
    (plugins / "docker-compose").symlink_to(program)
    return str(plugins.parent)


class Result:
    def __init__(self, process, command):
        self.command = command
        self.code = process.returncode
        self.out = process.stdout.decode(errors="replace")
        self.err = process.stderr.decode(errors="replace")

    def __repr__(self):
        return f"{' '.join(self.command)}: exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


class Engine:
    """skiffd with roots of its own under a temporary directory."""

    def __init__(self, *options, wrapper=()):
        """`wrapper` is a command that becomes skiffd, such as prlimit with its flags."""
        self.options = options
        self.wrapper = wrapper
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="skiff-test-"))
        self.socket = self.directory / "skiff.sock"
        self.host = f"unix://{self.socket}"
        self.process = None

    def start(self):
        self.spawn()
        eventually(lambda: self.run("version", check=False).code == 0 or self._died(), 20, "an answer of skiffd")
        return self

    def spawn(self):
        """Starts skiffd and does not wait until it answers."""
        log = open(self.directory / "skiffd.log", "ab")
        self.process = subprocess.Popen(
            [*self.wrapper, str(PROGRAMS / "skiffd"), "--data-root", str(self.directory / "data"),
             "--exec-root", str(self.directory / "exec"), "--pidfile", str(self.directory / "skiffd.pid"),
             "-H", self.host, *self.options],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
        log.close()

    def _died(self):
        if self.process.poll() is not None:
            raise AssertionError(f"skiffd ended with {self.process.returncode}:\n{self.log()}")
        return False

    def log(self):
        return (self.directory / "skiffd.log").read_text(errors="replace")[-4000:]

    def kill(self):
        """kill -9, as a crash would."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=20)

    def close(self):
        """Removes every container, network and volume, then the engine and its directories."""
        try:
            if self.process.poll() is not None:
                self.start()
            ids = self.run("ps", "-aq").out.split()
            if ids:
                self.run("rm", "-f", "-v", *ids)
            self.run("network", "prune", "-f")
            self.stop()
        finally:
            if self.process.poll() is None:
                self.kill()
            remove_tree(self.directory)

    def run(self, *arguments, check=True, input=None, cwd=None, timeout=120, program=None, environment=None):
        """Runs skiff (or `program`) against this engine."""
        command = [program or SKIFF, *arguments]
        process = subprocess.run(command, input=input, cwd=cwd, env=self.variables(environment), timeout=timeout,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 **({} if input is not None else {"stdin": subprocess.DEVNULL}))
        result = Result(process, command)
        if check and result.code != 0:
            raise AssertionError(f"{result}\n--- skiffd\n{self.log()}")
        return result

    def variables(self, more=None):
        """The environment in which a client finds this engine."""
        return dict(os.environ, SKIFF_HOST=self.host, DOCKER_HOST=self.host, DOCKER_BUILDKIT="0", COMPOSE_MENU="0", NO_COLOR="1",
                    **(more or {}))

    def begin(self, *arguments, **streams):
        """Starts skiff against this engine and does not wait for it."""
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
        return subprocess.Popen([SKIFF, *arguments], env=self.variables(), **streams)

    def docker(self, *arguments, **options):
        """Runs the real docker CLI against this engine."""
        return self.run(*arguments, program=shutil.which("docker") or "docker", **options)

    def inspect(self, *names):
        return json.loads(self.run("inspect", *names).out)
