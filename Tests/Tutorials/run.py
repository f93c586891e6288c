"""Types every command of the five tutorials, in the order and spelling of their texts, with three clients against skiffd.

Usage: run.py [--client NAME]... [--write] [TUTORIAL...]
  --client   skiff, docker or docker-compose; all three by default
  --write    put the table of results into docs/conformance.md (otherwise it is left in .artefacts/tutorials.md)
"""

import argparse
import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
sys.path.insert(0, str(TOP / "Tests/Root"))

import clients  # noqa: E402
import flask_hello  # noqa: E402
import flask_postgres  # noqa: E402
import leaks  # noqa: E402
import multiplication_table  # noqa: E402
import python_app  # noqa: E402
import slips  # noqa: E402
import standins  # noqa: E402
import table  # noqa: E402
import visit_counter  # noqa: E402
from tutorial import Row, Tutorial  # noqa: E402
from world import World, taken_ports  # noqa: E402

TUTORIALS = {"multiplication-table": multiplication_table, "python-app": python_app, "flask-postgres": flask_postgres,
             "visit-counter": visit_counter, "flask-hello": flask_hello, "slips": slips}


def say(line):
    print(line, flush=True)


def refuse_taken_ports():
    """The tutorials name their ports; a machine that has given one away cannot follow them."""
    if taken := taken_ports():
        shown = subprocess.run(["ss", "-ltnp", "sport", "=", f":{taken[0]}"], stdout=subprocess.PIPE).stdout.decode()
        sys.exit(f"the tutorials publish port {', '.join(map(str, taken))} of this machine, which somebody has taken:\n{shown}")


@contextlib.contextmanager
def machine(client_name, names):
    """A fresh machine for one client, with the base images of its tutorials."""
    with tempfile.TemporaryDirectory(prefix="skiff-test-", ignore_cleanup_errors=True) as directory:
        world = World(directory)
        try:
            world.client = clients.ALL[client_name](world.root / "clients")
            world.first = world.engine()
            images = sorted({image for name in names for image in TUTORIALS[name].IMAGES})
            if images:
                standins.provide(world.first, *images)
            world.start_registry()
            yield world
        finally:
            world.close()


def followed(name, world):
    """The rows of one tutorial. One that stops half-way is one more failed row, not the end of the others."""
    started = time.monotonic()
    typing = Tutorial(name, world.client, world.first, world.directory(f"home/{name}"), say)
    try:
        TUTORIALS[name].follow(typing, world)
    except Exception as error:  # noqa: BLE001 whatever it is, the other tutorials are followed
        say(f"FAIL {name} [{world.client.name}] stopped: {error!r}")
        typing.rows.append(Row(f"({name} stopped: {type(error).__name__})", False, 0.0, str(error)))
    world.tidy()
    rows = typing.rows
    say(f"---- {name} [{world.client.name}]: {sum(row.passed for row in rows)} of {len(rows)} in {time.monotonic() - started:.0f} s")
    return rows


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--client", action="append", choices=list(clients.ALL))
    parser.add_argument("--write", action="store_true")
    parser.add_argument("tutorial", nargs="*", choices=[*TUTORIALS, []])
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("the tutorials make namespaces, mounts and networks: run them as root")
    refuse_taken_ports()
    before, started = leaks.snapshot(), time.monotonic()
    results = {}
    for client in options.client or clients.ALL:
        names = [name for name in options.tutorial or TUTORIALS if client != "docker-compose" or TUTORIALS[name].SPELLS_HYPHEN]
        with machine(client, names) as world:
            results.update({(name, client): followed(name, world) for name in names})
    table.write(results, TUTORIALS, options.write)
    sys.exit(summarised(results, before, started))


def summarised(results, before, started):
    """Prints the closing lines, and returns the exit code."""
    end = time.monotonic() + 10
    while (left := leaks.compare(before, leaks.snapshot())) and time.monotonic() < end:
        time.sleep(0.2)
    for line in left:
        say(f"left behind: {line}")
    say(f"leak check: {'nothing left behind' if not left else f'{len(left)} things left behind'}")
    rows = [row for rows in results.values() for row in rows]
    failed = sum(not row.passed for row in rows) + bool(left)
    say(f"tutorials: {len(rows)} commands in {time.monotonic() - started:.0f} s")
    say(f"{len(rows) + 1 - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    main()
