"""A package index on this machine: pip gets the same files on both sides, and the network is out of the figures.

The files are fetched once, by pip itself in a build of each Dockerfile whose `pip install` has become `pip download`.
"""

import functools
import http.server
import pathlib
import re
import shutil
import tempfile
import threading

# What pip wants besides, to build packages that are published as sources.
BUILDING = "RUN pip download -d /wheels setuptools wheel\n"


class Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass


class Wheels:
    """Serves `/simple/NAME/` on an address that the containers of both engines reach."""

    def __init__(self, address):
        self.directory = tempfile.TemporaryDirectory(prefix="bench-wheels-")
        handler = functools.partial(Quiet, directory=self.directory.name)
        self.server = http.server.ThreadingHTTPServer((address, 0), handler)
        self.address = f"{address}:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.directory.cleanup()

    def environment(self):
        """The variables of pip that make it look here, as lines of a Dockerfile."""
        host = self.address.split(":")[0]
        return f"ENV PIP_INDEX_URL=http://{self.address}/simple/ PIP_TRUSTED_HOST={host} PIP_DISABLE_PIP_VERSION_CHECK=1\n"

    def fetch(self, engine, context, dockerfile):
        """Fetches what this Dockerfile installs, with the pip of its base image."""
        text = (context / dockerfile).read_text()
        found = re.search(r"^RUN pip install.*$", text, re.MULTILINE)
        if not found:
            return
        steps = text[:found.end()].replace("pip install", "pip download -d /wheels") + "\n" + BUILDING
        with tempfile.NamedTemporaryFile("w", suffix=".Dockerfile") as file:
            file.write(steps)
            file.flush()
            engine.run("build", "-q", "-t", "bench-wheels", "-f", file.name, str(context), timeout=900)
        container = engine.run("create", "bench-wheels").out.strip()
        with tempfile.TemporaryDirectory() as directory:
            engine.run("cp", f"{container}:/wheels/.", directory)
            for file in pathlib.Path(directory).iterdir():
                self.add(file)
        engine.run("rm", container)
        engine.run("rmi", "bench-wheels")

    def add(self, file):
        stem = file.name.split("-")[0] if file.suffix == ".whl" else file.name.rsplit("-", 1)[0]
        folder = pathlib.Path(self.directory.name, "simple", re.sub(r"[-_.]+", "-", stem).lower())
        folder.mkdir(parents=True, exist_ok=True)
        shutil.move(file, folder / file.name)
