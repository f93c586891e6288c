"""Command lines by the real docker CLI and by skiff, against dockerd and against skiffd, compared; as root.

Usage: run.py [--group NAME]... [--pair NAME]... [--write] [--show]

Every line of lines/*.txt is typed into bash, in order, with each pair of client and engine in turn. What dockerd and the docker CLI make
of it is the reference; of the others the exit code, standard output and standard error must be the same once names that no two runs share
are taken out (ids, times, addresses). Effects are compared by the lines that look at them. A difference must stand in differences.txt
with its reason, and what stands there must differ: both kinds of slip end the run with code 1.
"""

import argparse
import collections
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "Root"), str(HERE.parent / "Bench")]

from differences import Differences, differing  # noqa: E402
from dockerd import Dockerd  # noqa: E402
from engine import SKIFF, Engine  # noqa: E402
from fixtures import busybox_tar  # noqa: E402
from normal import Normal  # noqa: E402

REFERENCE = "docker on dockerd"
PAIRS = ("docker on skiffd", "skiff on skiffd", "skiff on dockerd")
Answer = collections.namedtuple("Answer", "code out err")


def lines(groups):
    """The lines by group, without their comments."""
    found = {}
    for path in sorted(HERE.glob("lines/*.txt")):
        if not groups or path.stem in groups:
            found[path.stem] = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return found


class Typist:
    """Types lines in a scratch directory, where `docker` is one of the two clients and finds one of the two engines."""

    def __init__(self, client, host):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="skiff-compare-"))
        programs = self.directory / "bin"
        programs.mkdir()
        (programs / "docker").symlink_to(client)
        (programs / "keys").symlink_to(HERE / "keys")
        (self.directory / "here").mkdir()
        (self.directory / "home").mkdir()
        self.normal = Normal({str(self.directory): "/scratch", host: "unix:///engine.sock", host[len("unix://"):]: "/engine.sock"})
        keep = {name: value for name, value in os.environ.items() if not name.startswith(("DOCKER", "SKIFF", "COMPOSE"))}
        self.environment = dict(keep, DOCKER_HOST=host, DOCKER_BUILDKIT="0", HOME=str(self.directory / "home"), NO_COLOR="1",
                                PATH=f"{programs}:{os.environ['PATH']}")

    def type(self, line):
        process = subprocess.Popen(["bash", "-o", "pipefail", "-c", line], cwd=self.directory / "here", env=self.environment,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        try:
            out, err = process.communicate(timeout=60)
            code = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            out, err = process.communicate()
            code = "no end within 60 s"
        return Answer(code, self.normal(out), self.normal(err))

    def close(self):
        shutil.rmtree(self.directory, ignore_errors=True)


def typed(client, host, groups):
    """What each line of each group answers, as {(group, number, line): answer}."""
    answers = {}
    for group, texts in groups.items():
        typist = Typist(client, host)
        try:
            for number, line in enumerate(texts):
                answers[group, number, line] = typist.type(line)
        finally:
            typist.close()
    return answers


def run(groups, pairs):
    """The answers of the reference and of each pair."""
    docker = shutil.which("docker")
    answers = {}
    peer, engine = Dockerd().start(), Engine().start()
    try:
        for side in (peer, engine):
            side.run("import", "-", "busybox", input=busybox_tar())
        sides = {"docker": docker, "skiff": SKIFF, "dockerd": peer, "skiffd": engine}
        for name in (REFERENCE, *pairs):
            client, where = name.split(" on ")
            # Every pair begins with the same one image and nothing else.
            answers[name] = typed(sides[client], sides[where].host, groups)
            sweep(sides[where])
    finally:
        engine.close()
        peer.close()
    return answers


def sweep(engine):
    """Leaves nothing but `busybox`, whatever the lines left."""
    def names(*words):
        result = engine.run(*words)
        return (result.out if hasattr(result, "out") else result.stdout.decode()).split()
    for listing, removal in ((("ps", "-aq"), ("rm", "-f", "-v")), (("volume", "ls", "-q"), ("volume", "rm", "-f")),
                             (("network", "ls", "-q", "--filter", "type=custom"), ("network", "rm"))):
        found = names(*listing)
        if found:
            engine.run(*removal, *found)
    images = [name for name in names("images", "--format", "{{.Repository}}:{{.Tag}}") if not name.startswith(("busybox:", "<none>"))]
    if images:
        engine.run("rmi", "-f", *images)
    engine.run("image", "prune", "-f")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--group", action="append", default=[], help="only this file of lines/")
    parser.add_argument("--pair", action="append", default=[], choices=PAIRS, help="only this pair beside the reference")
    parser.add_argument("--show", action="store_true", help="print every difference, also those that have their reason")
    parser.add_argument("--write", action="store_true", help="write the table into docs/conformance.md")
    options = parser.parse_args()
    groups, pairs = lines(options.group), options.pair or PAIRS
    answers = run(groups, pairs)
    reasons = Differences(HERE / "differences.txt")
    slips = 0
    for pair in pairs:
        differences = {key: differing(reference, answers[pair][key]) for key, reference in answers[REFERENCE].items()}
        # A line may stand in several places, and differ in one of them.
        different = {key[2] for key, what in differences.items() if what}
        known = 0
        for key, what in differences.items():
            reason = reasons.of(pair, key[2])
            if what:
                known += bool(reason)
                slips += not reason
                if not reason or options.show:
                    print(f"\n{pair}: {key[2]}\n{what}" + (f"\n  known: {reason}" if reason else ""))
            elif reason and key[2] not in different and key[2] not in reasons.now_and_then:
                slips += 1
                print(f"\n{pair}: {key[2]}\n  is the same, and differences.txt says that it is not: {reason}")
        count = len(answers[REFERENCE])
        print(f"\n{pair}: {count} lines, {known} differ for a reason")
    if options.write:
        reasons.write(HERE.parents[1] / "docs/conformance.md", answers[REFERENCE], groups, pairs)
    print(f"{slips} lines to look at" if slips else "all as expected")
    return 1 if slips else 0


if __name__ == "__main__":
    sys.exit(main())
