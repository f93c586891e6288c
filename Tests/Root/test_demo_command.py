"""scripts/demo, which is `make demo APP=…`: up until it answers, repeated, changed, broken, interrupted, taken away."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

from engine import PROGRAMS, TOP, Engine
from standins import provide
from test_networks import free_port, get


class DemoCommand(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = Engine().start()
        cls.addClassCleanup(cls.engine.close)
        provide(cls.engine, "tiangolo/uvicorn-gunicorn-fastapi:python3.8-slim", "python:3.9")

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="skiff-test-")
        self.addCleanup(directory.cleanup)
        self.tree = pathlib.Path(directory.name)
        for name in ("scripts", "images", "examples"):
            shutil.copytree(TOP / name, self.tree / name)
        self.port = free_port()

    def print_port(self, app, printed):
        """Has the example's tutorial print a port that is free on this machine."""
        conf = self.tree / "examples" / app / "demo.conf"
        conf.write_text(conf.read_text().replace(f'ports="DEMO_PORT={printed}:', f'ports="DEMO_PORT={self.port}:'))
        self.addCleanup(lambda: self.demo("down", app))

    def start_demo(self, *arguments):
        environment = dict(os.environ, SKIFF_HOST=self.engine.host, PATH=f"{PROGRAMS}:{os.environ['PATH']}")
        return subprocess.Popen([str(self.tree / "scripts/demo"), *arguments], env=environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)

    def demo(self, *arguments, code=0):
        process = self.start_demo(*arguments)
        said = process.communicate(timeout=300)[0].decode(errors="replace")
        self.assertEqual(process.returncode, code, said)
        return said

    def change(self, path, old, new):
        file = self.tree / "examples" / path
        text = file.read_text()
        self.assertIn(old, text)
        file.write_text(text.replace(old, new))

    def container(self, name):
        return self.engine.inspect(name)[0]["Id"]

    def test_an_unknown_example_is_refused_with_the_names_that_there_are(self):
        said = self.demo("up", "counter", code=1)
        self.assertEqual(said, "demo: no such example: 'counter'; there are: fastapi-hello flask-hello flask-postgres "
                               "multiplication-table python-app visit-counter \n")
        self.demo("up", "../examples/python-app", code=1)
        self.demo("sideways", "python-app", code=2)

    def test_every_example_says_how_it_is_shown(self):
        for folder in (TOP / "examples").iterdir():
            self.assertTrue((folder / "demo.conf").is_file(), f"{folder.name} has a demo.conf")
            if (folder / "docker-compose.yml").is_file():
                self.assertIn("${DEMO_PORT}", (folder / "demo.override.yml").read_text())

    def test_an_image_comes_up_stays_when_repeated_and_follows_a_change(self):
        self.print_port("fastapi-hello", 80)
        url = f"http://localhost:{self.port}"
        self.assertIn(f'  {url} answers: {{"message":"Hello World!"}}\n\n  Try:\n    curl {url}\n', self.demo("up", "fastapi-hello"))
        first = self.container("fastapi-hello")
        self.assertIn(f"{url} answers", self.demo("up", "fastapi-hello"))
        self.assertEqual(self.container("fastapi-hello"), first)
        self.change("fastapi-hello/app/main.py", "Hello World!", "Changed.")
        self.assertIn(f'{url} answers: {{"message":"Changed."}}', self.demo("up", "fastapi-hello"))
        self.assertNotEqual(self.container("fastapi-hello"), first)
        self.demo("down", "fastapi-hello")
        self.assertEqual(self.engine.run("ps", "-aq").out, "")
        self.demo("down", "fastapi-hello")

    def test_one_whose_container_ends_is_given_up_with_its_logs(self):
        self.print_port("fastapi-hello", 80)
        self.change("fastapi-hello/app/main.py", "app = FastAPI()", "raise SystemExit('no app today')")
        said = self.demo("up", "fastapi-hello", code=1)
        self.assertIn("no app today", said)
        self.assertIn(f"demo: http://localhost:{self.port}/ does not answer; the last lines of the logs are above", said)
        self.change("fastapi-hello/app/main.py", "raise SystemExit('no app today')", "app = FastAPI()")
        self.assertIn(f"http://localhost:{self.port} answers", self.demo("up", "fastapi-hello"))

    def test_a_port_that_is_taken_is_said_and_another_one_serves(self):
        self.print_port("flask-hello", 5000)
        with socket.socket() as listener:
            listener.bind(("0.0.0.0", self.port))
            listener.listen()
            said = self.demo("up", "flask-hello")
        other = int(said.split("http://localhost:")[1].split()[0])
        self.assertIn(f"demo: port {self.port} is taken: {other} serves instead", said)
        self.assertEqual(get(f"http://127.0.0.1:{other}/Joe"), "Hello, Joe!\n")
        # It keeps the port that it has, though the printed one is free again.
        self.assertIn(f"http://localhost:{other} answers: Hello, world!", self.demo("up", "flask-hello"))
        self.demo("down", "flask-hello")
        self.assertEqual(self.engine.run("ps", "-aq").out, "")

    def test_an_interrupted_one_comes_up_when_it_is_repeated(self):
        self.print_port("flask-hello", 5000)
        # One that was told "Creating" late may already have started by the time it is killed; the next then finds it running.
        for signs in (["Building"], ["Creating"], ["Started", "Running"]):
            process = self.start_demo("up", "flask-hello")
            for line in process.stdout:
                if any(sign in line.decode(errors="replace") for sign in signs):
                    os.killpg(process.pid, signal.SIGKILL)
                    break
            else:
                self.fail(f"the demo did not say {signs}")
            process.stdout.close()
            process.wait()
        self.assertIn(f"http://localhost:{self.port} answers: Hello, world!", self.demo("up", "flask-hello"))
