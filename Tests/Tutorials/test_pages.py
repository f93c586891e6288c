"""The multiplication table's page in a real browser: a number is typed, its table comes from the backend.

Needs root, Debian's Chromium and PyPI. Every picture is kept in .artefacts/.
"""

import pathlib
import re
import shutil
import sys
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "Tests/Root"))

from browser import Browser  # noqa: E402
from engine import Engine, docker_config, eventually  # noqa: E402
from standins import provide  # noqa: E402
from test_networks import free_port  # noqa: E402

EXAMPLE = TOP / "examples/multiplication-table"
ARTEFACTS = TOP / ".artefacts"
FIELD = "document.querySelector('[data-testid=stNumberInput] input, [data-testid=stTextInput] input')"
BUTTON = "document.querySelector('[data-testid=stMain] [data-testid=stButton] button')"


def is_table_of(number):
    """Whether a text holds the ten multiples in their order, each as a number of its own."""
    multiples = [str(number * factor) for factor in range(1, 11)]
    return lambda text: re.search(r"\b" + r"\b[\s\S]*?\b".join(multiples) + r"\b", text) is not None


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = Engine().start()
        cls.addClassCleanup(cls.engine.close)
        provide(cls.engine, "python:3.13-slim-bullseye")
        cls.config = docker_config(cls.engine.directory)

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="skiff-test-")
        self.addCleanup(directory.cleanup)
        self.project = pathlib.Path(directory.name) / "multiplication-table"
        shutil.copytree(EXAMPLE, self.project)
        self.backend, self.port = free_port(), free_port()
        (self.project / "ports.yml").write_text(
            f'services:\n  fastapi_backend:\n    ports: !override ["{self.backend}:8000"]\n'
            f'  streamlit_frontend:\n    ports: !override ["{self.port}:8501"]\n')

    def compose(self, *arguments, **options):
        return self.engine.run("compose", "-f", "docker-compose.yml", "-f", "ports.yml", *arguments, cwd=self.project, timeout=900,
                               environment={"DOCKER_CONFIG": self.config}, **options)

    def up(self, **options):
        self.addCleanup(lambda: self.compose("down", "-t", "1", check=False, **options))
        self.compose("up", "-d", **options)

    def page(self):
        """The page, once Streamlit has drawn it."""
        browser = Browser()
        self.addCleanup(browser.close)
        eventually(lambda: self.answers(browser), 120, "the page")
        try:
            eventually(lambda: self.is_drawn(browser), 120, "the field and the button")
        except AssertionError as error:
            self.keep(browser, "multiplication-table-failed")
            raise AssertionError(f"{error}; the page reads:\n{browser.text()}\n--- what did not load\n{browser.failures()}"
                                 f"\n--- logs\n{self.compose('logs').out}") from None
        return browser

    def is_drawn(self, browser):
        if "net::ERR_NETWORK_CHANGED" in browser.failures():
            # Networks of others come and go on this machine, and Chromium drops what it was loading: a reader loads the page again.
            browser.events.clear()
            self.answers(browser)
        return browser.evaluate(f"!!{FIELD} && !!{BUTTON}")

    def answers(self, browser):
        try:
            browser.open(f"http://localhost:{self.port}/")
            return True
        except AssertionError:
            return False

    def ask(self, browser, number):
        """Types a number as a reader does, and reads the table that comes."""
        self.assertFalse(is_table_of(number)(browser.text()))
        browser.click(FIELD, count=3)
        browser.type(str(number))
        browser.press("Tab")
        browser.click(BUTTON)
        browser.until(is_table_of(number), 30, f"the table of {number}")

    def keep(self, browser, name):
        path = ARTEFACTS / f"{name}.png"
        browser.screenshot(path)
        print(f"screenshot: {path}")

    def asked(self):
        """The requests that the backend has answered."""
        return re.findall(r'"(?:GET|POST) \S+ HTTP/1.1" 200', self.compose("logs", "fastapi_backend").out)

    def test_a_typed_number_gives_its_table_also_while_the_engine_is_dead(self):
        self.up()
        browser = self.page()
        self.assertEqual(self.asked(), [])
        self.ask(browser, 12)
        self.assertEqual(len(self.asked()), 1)
        self.assertIn(f":{self.port}/_stcore/stream", " ".join(browser.web_sockets()), "the page speaks over a WebSocket")
        self.keep(browser, "multiplication-table")
        # Neither the WebSocket nor the name of the backend needs the engine.
        self.engine.kill()
        try:
            self.ask(browser, 13)
        finally:
            self.engine.start()
        self.assertEqual(len(self.asked()), 2)
        self.assertEqual(len(browser.web_sockets()), 1, "the WebSocket stayed")

    def test_the_same_from_the_real_compose(self):
        docker = shutil.which("docker")
        self.up(program=docker)
        browser = self.page()
        self.ask(browser, 7)
        self.assertEqual(len(self.asked()), 1)
        self.keep(browser, "multiplication-table-docker-compose")


if __name__ == "__main__":
    unittest.main(verbosity=2)
