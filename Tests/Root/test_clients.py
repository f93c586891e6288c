"""The real docker CLI and the real Docker Compose v2 see the same world."""

import json
import os
import pathlib
import tempfile

from engine import docker_config, eventually
from fixtures import EngineTest
from test_networks import get

COMPOSE_FILE = """services:
  page:
    image: busybox
    command: ["httpd", "-f", "-h", "/www"]
    deploy:
      replicas: 2
    volumes:
      - pages:/www
  front:
    build: .
    depends_on:
      - page
    ports:
      - "80"
    environment:
      - UPSTREAM=page
volumes:
  pages:
"""
FRONT = """FROM busybox
EXPOSE 80
CMD ["sh", "-c", "while :; do wget -q -O /www/page.html http://$UPSTREAM/ && break; sleep 0.1; done; exec httpd -f -h /www"]
"""


class Docker(EngineTest):
    def test_the_docker_cli_runs_lists_and_removes(self):
        docker = self.engine.docker
        self.assertEqual(docker("run", "--rm", "busybox", "echo", "hello").out, "hello\n")
        self.assertEqual(docker("run", "--rm", "-i", "busybox", "cat", input=b"piped").out, "piped")
        self.assertEqual(docker("run", "--rm", "busybox", "sh", "-c", "exit 9", check=False).code, 9)
        self.assertEqual(docker("run", "--rm", "busybox", "nope", check=False).code, 127)
        self.assertEqual(docker("run", "--rm", "busybox", "/bin/not-executable", check=False).code, 126)
        self.remove_later("seen")
        docker("run", "-d", "--name", "seen", "-p", "80", "busybox", "httpd", "-f", "-h", "/www")
        self.assertIn("->80/tcp", docker("ps").out)
        self.assertEqual(docker("ps", "--format", "{{.Names}}").out, "seen\n")
        self.assertEqual(docker("exec", "seen", "cat", "/www/index.html").out, "hello from busybox\n")
        self.assertEqual(docker("exec", "seen", "sh", "-c", "exit 3", check=False).code, 3)
        self.assertIn("busybox", docker("images").out)
        self.assertIn("bridge", docker("network", "ls").out)
        docker("volume", "ls")
        self.assertIn("Server", docker("version").out)
        self.assertIn("Server Version", docker("info").out)
        self.assertEqual(docker("inspect", "-f", "{{.State.Status}}", "seen").out, "running\n")
        docker("stop", "-t", "1", "seen")
        self.assertIn("Exited", docker("ps", "-a").out)
        self.assertEqual(docker("logs", "seen").code, 0)
        docker("rm", "seen")

    def test_skiff_and_docker_print_the_same_tables(self):
        self.remove_later("same")
        self.run_skiff("run", "-d", "--name", "same", "busybox", "sleep", "1000")
        for arguments in (("ps", "--no-trunc"), ("images",), ("network", "ls"), ("volume", "ls"), ("history", "busybox")):
            # Ages may turn between the two.
            eventually(lambda: self.run_skiff(*arguments).out == self.engine.docker(*arguments).out, what=f"the same of {arguments}")

    def test_skiff_and_docker_show_and_read_the_users_time(self):
        zone = {"TZ": "Asia/Kolkata"}
        self.remove_later("timed")
        self.run_skiff("create", "--name", "timed", "busybox", "true")
        for arguments in (("ps", "-a", "--format", "{{.CreatedAt}}"), ("images", "--format", "{{.CreatedAt}}"),
                          ("history", "-H=false", "busybox"),
                          ("events", "--since", "2024-01-02T15:04", "--until", "0s", "--filter", "container=timed")):
            shown = self.run_skiff(*arguments, environment=zone).out
            self.assertIn("+05", shown, arguments)
            # docker's own client sometimes ends before it has shown the last events.
            eventually(lambda: self.engine.docker(*arguments, environment=zone).out == shown, what=f"the same of {arguments}")

    def test_docker_build_goes_the_classic_way(self):
        with tempfile.TemporaryDirectory(prefix="skiff-test-") as directory:
            self.write(directory, {"Dockerfile": "FROM busybox\nCOPY f /f\nRUN cat /f\n", "f": "built by docker\n"})
            out = self.engine.docker("build", "-t", "by-docker", directory)
            self.assertIn("Successfully tagged by-docker:latest", out.out)
            self.assertIn("built by docker", out.out)
            self.assertEqual(self.engine.docker("run", "--rm", "by-docker", "cat", "/f").out, "built by docker\n")

    def test_events_tell_a_life(self):
        docker = self.engine.docker
        since = docker("run", "--rm", "busybox", "date", "+%s").out.strip()
        docker("run", "--rm", "--name", "eventful", "busybox", "true")
        eventually(lambda: "destroy" in docker("events", "--since", since, "--until", "0s", "--filter", "container=eventful",
                                               "--format", "{{.Action}}").out, 5, "the end of the life")
        actions = docker("events", "--since", since, "--until", "0s", "--filter", "container=eventful", "--format", "{{.Action}}").out.split()
        self.assertEqual([a for a in actions if a in ("create", "start", "die", "destroy")], ["create", "start", "die", "destroy"])


class Compose(EngineTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.config = docker_config(cls.engine.directory)

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="skiff-test-")
        self.addCleanup(directory.cleanup)
        self.project = pathlib.Path(directory.name) / "shop"
        self.write(self.project, {"compose.yaml": COMPOSE_FILE, "Dockerfile": FRONT})
        self.addCleanup(lambda: self.skiff("down", "-v", "--rmi", "local", "-t", "1", check=False))

    def skiff(self, *arguments, **options):
        return self.run_skiff("compose", *arguments, cwd=self.project, **options)

    def docker(self, *arguments, **options):
        return self.engine.docker("compose", *arguments, cwd=self.project, environment={"DOCKER_CONFIG": self.config}, **options)

    def page(self):
        port = self.skiff("port", "front", "80").out.strip().rsplit(":", 1)[1]
        return eventually(lambda: self.get(f"http://127.0.0.1:{port}/page.html"), 15, "the page")

    def get(self, url):
        try:
            return get(url)
        except OSError:
            return None

    def test_skiff_compose_brings_a_project_up_and_down(self):
        self.skiff("up", "-d")
        self.assertEqual(self.page(), "hello from busybox\n")
        names = self.run_skiff("ps", "--format", "{{.Names}}").out.split()
        self.assertEqual(sorted(names), ["shop-front-1", "shop-page-1", "shop-page-2"])
        self.assertIn("shop-front-1", self.skiff("ps").out)
        self.assertEqual(self.skiff("exec", "-T", "front", "echo", "in").out, "in\n")
        self.skiff("up", "-d", "--scale", "page=3")
        self.assertEqual(len(self.skiff("ps", "-q", "page").out.split()), 3)
        self.assertEqual(self.skiff("config", "--services").out.split(), ["page", "front"], "what is depended on comes first")
        self.skiff("stop", "-t", "1")
        self.assertEqual(self.skiff("ps", "-q").out, "")
        self.skiff("start")
        self.skiff("restart", "-t", "1", "front")
        self.assertEqual(self.page(), "hello from busybox\n")
        self.skiff("down", "-t", "1")
        self.assertEqual(self.run_skiff("ps", "-aq").out, "")
        self.assertIn("shop_pages", self.run_skiff("volume", "ls", "-q").out)
        self.skiff("down", "-v")
        self.assertNotIn("shop_pages", self.run_skiff("volume", "ls", "-q").out)

    def test_the_real_compose_brings_the_same_project_up_and_down(self):
        self.docker("up", "-d")
        self.assertEqual(self.page(), "hello from busybox\n")
        self.docker("up", "-d", "--scale", "page=4")
        self.assertEqual(len(self.docker("ps", "-q", "page").out.split()), 4)
        self.assertIn("shop-page-4", self.docker("ps").out)
        self.docker("logs")
        self.docker("down", "-v", "-t", "1")
        self.assertEqual(self.run_skiff("ps", "-aq").out, "")

    def test_each_manages_what_the_other_made(self):
        self.docker("up", "-d")
        before = self.run_skiff("ps", "-q").out
        self.skiff("up", "-d")
        self.assertEqual(self.run_skiff("ps", "-q").out, before, "skiff compose recreated what docker compose had made")
        self.skiff("down", "-t", "1")
        self.skiff("up", "-d")
        before = self.run_skiff("ps", "-q").out
        self.docker("up", "-d")
        self.assertEqual(self.run_skiff("ps", "-q").out, before, "docker compose recreated what skiff compose had made")
        self.docker("down", "-v", "-t", "1")
        self.assertEqual(self.run_skiff("ps", "-aq").out, "")

    def test_errors_name_the_file_and_the_place(self):
        (self.project / "compose.yaml").write_text("services:\n  web:\n    image: busybox\n\tports: []\n")
        error = self.skiff("config", check=False)
        self.assertNotEqual(error.code, 0)
        self.assertIn("line 3: found a tab character", error.err, "docker compose counts so")
        (self.project / "compose.yaml").write_text("services:\n  web:\n    imagee: busybox\n")
        self.assertIn("imagee", self.skiff("up", "-d", check=False).err)
        os.unlink(self.project / "compose.yaml")
        error = self.skiff("up", check=False)
        self.assertIn("no configuration file provided: not found", error.err)
        self.assertNotEqual(error.code, 0)
