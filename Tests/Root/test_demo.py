"""The seed's visit counter on Skiff: Flask x 3 built from PyPI, Redis with a volume, nginx in front."""

import json
import pathlib
import re
import shutil
import tempfile
import time
import unittest

from engine import TOP, Engine, docker_config, eventually
from standins import provide
from test_networks import free_port, get


def fetch(url):
    try:
        return get(url)
    except OSError:
        return None


class VisitCounter(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = Engine().start()
        cls.addClassCleanup(cls.engine.close)
        provide(cls.engine, "python:3.11", "redis:alpine", "nginx:alpine")
        cls.config = docker_config(cls.engine.directory)

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="skiff-test-")
        self.addCleanup(directory.cleanup)
        self.project = pathlib.Path(directory.name) / "visit-counter"
        shutil.copytree(TOP / "examples/visit-counter", self.project)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.addCleanup(lambda: self.compose("down", "-v", "-t", "1", check=False))

    def compose(self, *arguments, program=None, **options):
        files = ["-f", "docker-compose.yml", "-f", "demo.override.yml"]
        environment = {"DEMO_PORT": str(self.port), "DOCKER_CONFIG": self.config}
        return self.engine.run("compose", *files, *arguments, cwd=self.project, program=program, timeout=600,
                               environment=environment, **options)

    def count(self):
        return int(re.search(r"\d+", get(f"{self.url}/count")).group())

    def test_the_count_goes_up_is_served_by_all_and_survives(self):
        self.compose("up", "-d", "--build")
        eventually(lambda: fetch(self.url + "/"), 60, "the welcome page")
        self.assertEqual([self.count() for _ in range(5)], [1, 2, 3, 4, 5])
        self.assertEqual(len(self.replicas()), 3)
        self.compose("down", "-t", "1")
        self.compose("up", "-d")
        eventually(lambda: fetch(self.url + "/"), 60, "the welcome page")
        self.assertEqual(self.count(), 6)
        self.compose("up", "-d", "--scale", "flask=5")
        self.assertEqual(len(self.compose("ps", "-q", "flask").out.split()), 5)
        self.kill_the_daemon()
        logs = self.compose("logs", "flask")
        self.assertIn("GET /count", logs.out, "as Docker Compose does: standard error of Flask too is put out here")

    def replicas(self):
        import urllib.request
        served = set()
        for _ in range(12):
            with urllib.request.urlopen(self.url + "/", timeout=5) as answer:
                served.add(answer.headers["X-Served-By"])
        return served

    def kill_the_daemon(self):
        before = self.count()
        self.engine.kill()
        self.assertEqual(self.count(), before + 1)
        self.engine.start()
        self.assertEqual(len(self.compose("ps", "-q").out.split()), 7)

    def test_the_real_compose_does_the_same(self):
        docker = shutil.which("docker")
        self.compose("up", "-d", "--build", program=docker)
        eventually(lambda: fetch(self.url + "/"), 60, "the welcome page")
        first = self.count()
        self.compose("up", "-d", "--scale", "flask=5", program=docker)
        self.assertEqual(len(self.compose("ps", "-q", "flask", program=docker).out.split()), 5)
        self.compose("down", "-t", "1", program=docker)
        self.assertEqual(self.engine.run("ps", "-aq").out, "")
        self.assertGreater(first, 0)

    def test_the_files_of_the_seed_stand_as_printed(self):
        self.assertIn("# base image for docker container", (self.project / "Dockerfile").read_text())
        config = json.loads(self.engine.run("compose", "-f", "docker-compose.yml", "config", "--format", "json", cwd=self.project).out)
        self.assertEqual(config["services"]["flask"]["deploy"]["replicas"], 3)
        self.assertEqual(config["services"]["nginx"]["ports"][0]["published"], "80")
