"""Each example's build, up and down: the same files, base images and packages on both sides, each side's own client."""

import http.client
import json
import os
import pathlib
import re
import tempfile
import urllib.error
import urllib.request

from engine import TOP, docker_config, eventually
from rows import HEAD, row
from standins import provide
from test_networks import free_port
from wheels import Wheels

DATABASES = (5432, 6379)


class Example:
    """One folder of examples/, brought up by Compose where it has a compose file and by `run` otherwise.

    The ports are free ones; nothing else differs from the files as they stand.
    """

    def __init__(self, folder, scratch):
        self.folder, self.name = folder, folder.name
        self.pages, self.override = [], scratch / f"{folder.name}.yml"
        self.has_compose = (folder / "docker-compose.yml").exists()

    def read(self, engine):
        """Learns the images that it stands on and where it is served."""
        self.dockerfiles = []
        images = set()
        if self.has_compose:
            config = json.loads(engine.run("compose", "config", "--format", "json", cwd=self.folder).out)
            lines = ["services:"]
            for name, service in config["services"].items():
                if "build" in service:
                    self.dockerfiles.append((pathlib.Path(service["build"]["context"]), service["build"].get("dockerfile", "Dockerfile")))
                else:
                    images.add(service["image"])
                lines += [f"  {name}:", f"    ports: !override {json.dumps([self.port(p) for p in service.get('ports', [])])}"]
            self.override.write_text("\n".join(lines) + "\n")
        else:
            self.dockerfiles.append((self.folder, "Dockerfile"))
            self.port({"target": 80, "published": "80"})
        self.parents = {re.match(r"FROM (\S+)", line).group(1) for context, dockerfile in self.dockerfiles
                        for line in (context / dockerfile).read_text().splitlines() if line.startswith("FROM ")}
        self.images = images | self.parents

    def port(self, port):
        if not port.get("published"):
            return str(port["target"])
        free = free_port()
        if port["target"] not in DATABASES:
            self.pages.append(free)
        return f"{free}:{port['target']}"

    def words(self, step):
        """The command line of a step, for either client."""
        if self.has_compose:
            files = ["compose", "-p", f"bench-{self.name}", "-f", "docker-compose.yml", "-f", str(self.override)]
            return files + {"cold": ["build", "--no-cache"], "cached": ["build"], "up": ["up", "-d"], "down": ["down", "-t", "0"]}[step]
        return {"cold": ["build", "--no-cache", "-t", self.name, "."], "cached": ["build", "-t", self.name, "."],
                "up": ["run", "-d", "--name", self.name, "-p", f"{self.pages[0]}:80", self.name], "down": ["rm", "-f", self.name]}[step]

    def title(self, step):
        verbs = {"up": "`compose up -d`", "down": "`compose down -t 0`"} if self.has_compose else {"up": "`run -d -p`", "down": "`rm -f`"}
        return f"{self.name}: " + {"cold": "build, nothing cached", "cached": "build, all cached", **verbs}[step]


class Side:
    """One engine with its client, and the address at which its published ports are."""

    def __init__(self, client, address, environment):
        self.client, self.address, self.environment = client, address, environment

    def do(self, example, step, check=True):
        self.client.run(*example.words(step), cwd=example.folder, environment=self.environment, timeout=900, check=check)

    def settle(self, example):
        """Waits until every published page is answered, so that nothing starts up while the next thing is measured."""
        for port in example.pages:
            eventually(lambda: self.answers(port), 90, f"an answer of {example.name} at {self.address}:{port}")

    def answers(self, port):
        try:
            urllib.request.urlopen(f"http://{self.address}:{port}/", timeout=5).close()
        except urllib.error.HTTPError as error:
            return error.code < 500
        except (OSError, http.client.HTTPException):
            return False
        return True


def examples(engine, peer, rounds, names=()):
    """Prints the rows of the examples, of those named only if any is."""
    with tempfile.TemporaryDirectory(prefix="bench-examples-") as scratch:
        chosen = [Example(folder, pathlib.Path(scratch)) for folder in sorted((TOP / "examples").iterdir())
                  if folder.is_dir() and (not names or folder.name in names)]
        environment = {"DOCKER_CONFIG": docker_config(scratch)}
        wheels = Wheels(peer.gateway)
        try:
            prepare(engine, peer, chosen, wheels, pathlib.Path(scratch))
            print(HEAD, flush=True)
            for example in chosen:
                measure(example, (Side(engine, "127.0.0.1", environment), Side(peer, peer.address, environment)), rounds)
        finally:
            wheels.close()


def prepare(engine, peer, chosen, wheels, scratch):
    """Gives both engines the same base images, whose pip looks for packages on this machine."""
    for example in chosen:
        example.read(engine)
    images = sorted(set().union(*(example.images for example in chosen)))
    provide(engine, *images)
    for example in chosen:
        for context, dockerfile in example.dockerfiles:
            wheels.fetch(engine, context, dockerfile)
    for image in sorted(set().union(*(example.parents for example in chosen))):
        engine.run("build", "-q", "-t", image, "-", input=f"FROM {image}\n{wheels.environment()}".encode())
    saved = scratch / "images.tar"
    engine.run("save", "-o", str(saved), *images, timeout=900)
    peer.run("load", "-i", str(saved))
    os.unlink(saved)


def measure(example, sides, rounds):
    def row_of(step, prepare=lambda side: None):
        actions = [lambda side=side: side.do(example, step) for side in sides]
        row(example.title(step), rounds, *actions, prepare=prepare)

    def stopped(number):
        if up[number]:
            sides[number].settle(example)
            sides[number].do(example, "down")
        up[number] = True

    def running(number):
        if not up[number]:
            sides[number].do(example, "up")
        up[number] = False
        sides[number].settle(example)

    up = [False, False]
    if refusal := refused(example, sides):
        print(f"| {example.title('cold')} | | refused: {refusal} | |", flush=True)
        share(example, sides)
    else:
        row_of("cold")
        row_of("cached")
    row_of("up", prepare=stopped)
    row_of("down", prepare=running)


def refused(example, sides):
    """Why the second side does not build what the first one builds; nothing where it does."""
    sides[0].do(example, "cached")
    try:
        sides[1].do(example, "cached")
    except AssertionError as error:
        return str(error).strip().splitlines()[-1]
    return ""


def share(example, sides):
    """Gives the second side the images that the first one has built."""
    words = ["compose", "-p", f"bench-{example.name}", "config", "--images"]
    images = sides[0].client.run(*words, cwd=example.folder).out.split()
    with tempfile.NamedTemporaryFile(suffix=".tar") as saved:
        sides[0].client.run("save", "-o", saved.name, *images, timeout=900)
        sides[1].client.run("load", "-i", saved.name)
