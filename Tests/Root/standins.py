"""Stand-ins for base images (images/build) in a test's engine."""

import os
import subprocess

from engine import SKIFF, TOP


def provide(engine, *names):
    """Makes sure that the base images `names` stand in the engine.

    What was made once is kept in .cache/images and only loaded afterwards, which takes seconds.
    """
    environment = dict(os.environ, SKIFF=SKIFF, SKIFF_HOST=engine.host)
    made = subprocess.run([str(TOP / "images/build"), "--no-pull", *names], env=environment, timeout=900,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode != 0:
        raise AssertionError(f"images/build {' '.join(names)}: exit {made.returncode}\n{made.stdout.decode(errors='replace')}")
