"""Measures skiff beside dockerd on the same machine, the two in turn, and prints a table for docs/benchmarks.md.

Needs root and Debian's docker.io. dockerd gets a network namespace, a data root and a socket of its own, and goes when this ends.
Usage: run.py [--rounds N] [--example NAME] [run|build|compose|memory|scale|examples...]; all by default.
"""

import argparse
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Root"))

from dockerd import Dockerd  # noqa: E402
from engine import TOP, Engine, docker_config  # noqa: E402
from examples import examples  # noqa: E402
from fixtures import busybox_tar  # noqa: E402
from memory import MEMORY_HEAD, memory  # noqa: E402
from rows import HEAD, clients, row  # noqa: E402
from scale import idle, probes, scale  # noqa: E402
from standins import provide  # noqa: E402

STEPS = "FROM busybox\n" + "COPY f /f\n" + "".join(f"RUN echo {i} > /step{i}\n" for i in range(9))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--example", action="append", default=[], help="only this example; may be given again")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    known = ["run", "build", "compose", "memory", "scale", "examples"]
    if unknown := set(options.names) - set(known):
        parser.error(f"no such rows: {' '.join(sorted(unknown))} (there are: {', '.join(known)})")
    wanted = lambda name: not options.names or name in options.names  # noqa: E731
    engine, peer = Engine().start(), None
    try:
        peer = Dockerd().start()
        image = busybox_tar()
        engine.run("import", "-", "busybox", input=image)
        peer.run("import", "-", "busybox", input=image)
        if wanted("scale"):
            idle(engine, peer)
        if not set(options.names) or set(options.names) - {"examples", "memory"}:
            print(HEAD)
        if wanted("run"):
            skiff, docker, dockerd = clients(engine, peer)
            words = ("run", "--rm", "busybox", "true")
            row("`run --rm busybox true`", options.rounds, lambda: skiff(*words), lambda: dockerd(*words))
            row("`run --rm busybox true`, the docker CLI on both", options.rounds, lambda: docker(*words), lambda: dockerd(*words))
            words = ("run", "--rm", "--network", "host", "busybox", "true")
            row("`run --rm --network host busybox true`", options.rounds, lambda: skiff(*words), lambda: dockerd(*words))
            beside(engine, peer, options.rounds)
        if wanted("build"):
            with tempfile.TemporaryDirectory() as directory:
                pathlib.Path(directory, "Dockerfile").write_text(STEPS)
                pathlib.Path(directory, "f").write_text("f")
                row("build of 10 steps, nothing cached", max(3, options.rounds // 3), lambda: engine.run("build", "--no-cache", "-q", directory),
                    lambda: peer.run("build", "--no-cache", "-q", directory))
                row("build of 10 steps, all cached", options.rounds, lambda: engine.run("build", "-t", "bench", directory),
                    lambda: peer.run("build", "-t", "bench", directory))
        if wanted("compose"):
            compose(engine, peer, options.rounds)
        if wanted("scale"):
            scale(engine, peer, options.rounds)
            probes(engine)
        if wanted("memory"):
            print(f"\n{MEMORY_HEAD}")
            memory(engine, peer)
        if wanted("examples"):
            examples(engine, peer, max(3, options.rounds // 3), options.example)
    finally:
        if peer:
            peer.close()
        engine.close()


def beside(engine, peer, rounds):
    """A process beside a container's own."""
    for start in (engine.run, peer.run):
        start("run", "-d", "--name", "beside", "busybox", "sleep", "100000")
    skiff, docker, dockerd = clients(engine, peer)
    words = ("exec", "beside", "true")
    row("`exec` of `true`", rounds, lambda: skiff(*words), lambda: dockerd(*words))
    row("`exec` of `true`, the docker CLI on both", rounds, lambda: docker(*words), lambda: dockerd(*words))
    for start in (engine.run, peer.run):
        start("rm", "-f", "beside")


def compose(engine, peer, rounds):
    """The visit counter: the same images on both sides, up and down by each side's own client."""
    provide(engine, "python:3.11", "redis:alpine", "nginx:alpine")
    config = docker_config(engine.directory)
    project = TOP / "examples/visit-counter"
    words = ["compose", "-p", "bench", "-f", "docker-compose.yml", "-f", "demo.override.yml"]
    variables = {"DEMO_PORT": "18080", "DOCKER_CONFIG": config}
    engine.run(*words, "build", cwd=project, environment=variables, timeout=900)
    saved = engine.directory / "images.tar"
    engine.run("save", "-o", str(saved), "bench-flask", "redis:alpine", "nginx:alpine", timeout=900)
    peer.run("load", "-i", str(saved))
    def up(side):
        if side == 0:
            return lambda: engine.run(*words, "up", "-d", "--no-build", cwd=project, environment=variables)
        return lambda: peer.run(*words, "up", "-d", "--no-build", cwd=project, environment=variables)
    def down(side):
        if side == 0:
            engine.run(*words, "down", "-t", "1", cwd=project, environment=variables)
        else:
            peer.run(*words, "down", "-t", "1", cwd=project, environment=variables)
    row("`compose up -d` of the visit counter (images there)", max(3, rounds // 2), up(0), up(1), prepare=down)
    up(0)()
    up(1)()
    row("`compose up -d` when all is up", max(3, rounds // 2), up(0), up(1))
    down(0)
    down(1)


if __name__ == "__main__":
    main()
