"""What the readers of the tutorials have: the sources, repositories to clone, a registry, and a second machine."""

import os
import pathlib
import shutil
import socket
import subprocess

from engine import TOP, Engine, eventually
from test_networks import free_port

PORTS = (80, 4000, 5000, 6379, 8000, 8501)
CONFIGURATION = """version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: {root}}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


def taken_ports():
    """Those of the tutorials' ports that somebody else has."""
    taken = []
    for port in PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("0.0.0.0", port))
            except OSError:
                taken.append(port)
    return taken


class World:
    sources = TOP / "examples"

    def __init__(self, directory):
        self.root = pathlib.Path(directory)
        self.engines, self.first, self.client = [], None, None
        self.registry_process, self.registry = None, None

    def directory(self, name):
        path = self.root / name
        path.mkdir(parents=True)
        return path

    def example(self, name, called):
        """A copy of an example, in a directory of the name that the tutorial gives it."""
        target = self.root / "copies" / called
        shutil.copytree(self.sources / name, target, ignore=shutil.ignore_patterns("demo.override.yml", "deploy", "__pycache__"))
        return target

    def repository(self, name, called, into="repositories"):
        """The address of a git repository that holds an example."""
        target = self.root / into / f"{called}.git"
        if not target.exists():
            work = self.root / into / called
            shutil.copytree(self.sources / name, work, ignore=shutil.ignore_patterns("deploy", "__pycache__"))
            git = ["git", "-C", str(work), "-c", "user.name=learner", "-c", "user.email=learner@localhost", "-c", "init.defaultBranch=main"]
            for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "The example"]):
                subprocess.run([*git, *arguments], check=True)
            subprocess.run(["git", "clone", "-q", "--bare", str(work), str(target)], check=True)
        return f"file://{target}"

    def engine(self):
        made = Engine()
        self.engines.append(made)
        return made.start()

    def second_engine(self):
        return self.engine()

    def tidy(self):
        """Between two tutorials: no containers, networks and volumes are left of the first."""
        ids = self.first.run("ps", "-aq").out.split()
        if ids:
            self.first.run("rm", "-f", "-v", *ids)
        self.first.run("network", "prune", "-f")
        self.first.run("volume", "prune", "-a", "-f")

    def start_registry(self):
        """Debian's docker-registry on loopback, with a port and a directory of its own."""
        port = free_port()
        configuration = self.root / "registry.yml"
        configuration.write_text(CONFIGURATION.format(root=self.root / "registry", port=port))
        with open(self.root / "registry.log", "wb") as log:
            self.registry_process = subprocess.Popen(["docker-registry", "serve", str(configuration)], stdout=log, stderr=log,
                                                     env=dict(os.environ, OTEL_TRACES_EXPORTER="none"))
        self.registry = f"localhost:{port}"
        eventually(lambda: self._answers(port), 20, "the registry")

    def _answers(self, port):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def close(self):
        for engine in self.engines:
            engine.close()
        if self.registry_process:
            self.registry_process.kill()
            self.registry_process.wait()
