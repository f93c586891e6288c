"""`skiff login` and `logout` as a person types them, against a registry on loopback that knows one password."""

import base64
import http.server
import json
import os
import pathlib
import stat
import tempfile
import threading

from engine import SKIFF
from fixtures import EngineTest
from test_terminal import Terminal

HELPER = """#!/bin/sh
echo "$1 $(cat)" >> {log}
case $1 in
get) echo '{{"Username": "me", "Secret": "right"}}' ;;
list) echo '{{}}' ;;
esac
"""


class Guard(http.server.BaseHTTPRequestHandler):
    """Lets `me` in with the password `right`."""

    def do_GET(self):
        given = self.headers.get("Authorization", "")
        is_right = given == "Basic " + base64.b64encode(b"me:right").decode()
        self.send_response(200 if is_right else 401)
        self.send_header("WWW-Authenticate", 'Basic realm="here"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Login(EngineTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Guard)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cls.addClassCleanup(server.server_close)
        cls.addClassCleanup(server.shutdown)
        cls.registry = f"127.0.0.1:{server.server_port}"

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="skiff-test-")
        self.addCleanup(directory.cleanup)
        self.settings = pathlib.Path(directory.name, "config.json")
        self.environment = {"DOCKER_CONFIG": directory.name}

    def skiff(self, *arguments, **options):
        return self.run_skiff(*arguments, environment=self.environment, **options)

    def terminal(self, *arguments):
        terminal = Terminal([SKIFF, *arguments], "/", self.engine.variables({**self.environment, "TERM": "xterm"}))
        self.addCleanup(terminal.close)
        return terminal

    def kept(self):
        return json.loads(self.settings.read_text())

    def test_a_password_is_asked_for_and_not_shown(self):
        terminal = self.terminal("login", self.registry)
        terminal.until("Username: ")
        terminal.press(b"me\n")
        terminal.until("Password: ")
        terminal.press(b"right\n")
        self.assertEqual(terminal.end(), 0)
        self.assertIn("Login Succeeded", terminal.text)
        self.assertNotIn("right", terminal.text)
        self.assertEqual(self.kept()["auths"][self.registry]["auth"], base64.b64encode(b"me:right").decode())
        self.assertEqual(stat.S_IMODE(self.settings.stat().st_mode), 0o600)

    def test_ctrl_c_at_the_password_gives_the_terminal_back(self):
        terminal = self.terminal("login", "-u", "me", self.registry)
        terminal.until("Password: ")
        self.assertNotEqual(terminal.modes(), terminal.before)
        terminal.press(b"\x03")
        self.assertEqual(terminal.end(), 130)
        self.assertEqual(terminal.modes(), terminal.before)
        self.assertTrue(terminal.text.endswith("\n"), terminal.text)

    def test_what_is_kept_is_used_again_and_asked_for_where_it_does_not_hold(self):
        self.settings.write_text(json.dumps({"auths": {self.registry: {"auth": base64.b64encode(b"me:right").decode()}}}))
        again = self.skiff("login", self.registry)
        self.assertIn("Authenticating with existing credentials... [Username: me]", again.err)
        self.assertEqual(again.out, "Login Succeeded\n")
        self.settings.write_text(json.dumps({"auths": {self.registry: {"auth": base64.b64encode(b"me:old").decode()}}}))
        terminal = self.terminal("login", self.registry)
        terminal.until("Stored credentials invalid or expired")
        terminal.until("Username (me): ")
        terminal.press(b"\n")
        terminal.until("Password: ")
        terminal.press(b"right\n")
        self.assertEqual(terminal.end(), 0)
        self.assertEqual(self.kept()["auths"][self.registry]["auth"], base64.b64encode(b"me:right").decode())

    def test_what_is_missing_is_said_in_docker_s_words(self):
        for words, complaint in [
                (["login", self.registry], "Error: Cannot perform an interactive login from a non TTY device\n"),
                (["login", "-u", "", self.registry], "username is empty\n"),
                (["login", "-u", "me", "-p", "", self.registry], "password is empty\n"),
                (["login", "--password-stdin", self.registry], "the --password-stdin option requires --username to be set\n")]:
            result = self.skiff(*words, check=False)
            self.assertEqual((result.code, result.out, result.err), (1, "", complaint), result)

    def test_a_helper_keeps_the_password_and_config_json_the_address(self):
        tools = self.settings.parent
        log = tools / "asked"
        (tools / "docker-credential-x").write_text(HELPER.format(log=log))
        (tools / "docker-credential-x").chmod(0o755)
        self.environment["PATH"] = f"{tools}:{os.environ['PATH']}"
        self.settings.write_text('{"credsStore": "x"}')
        self.skiff("login", "-u", "me", "--password-stdin", self.registry, input=b"right\n")
        self.assertEqual(self.kept(), {"credsStore": "x", "auths": {self.registry: {}}})
        self.assertEqual(self.skiff("login", self.registry).out, "Login Succeeded\n")
        self.skiff("logout", self.registry)
        self.assertEqual(self.kept(), {"credsStore": "x", "auths": {}})
        self.assertEqual(
            log.read_text().splitlines(),
            ['store {"ServerURL":"%s","Username":"me","Secret":"right"}' % self.registry, f"get {self.registry}",
             f"erase {self.registry}", f"erase http://{self.registry}", f"erase https://{self.registry}"])

    def test_a_helper_that_is_missing_is_told_and_keeps_nobody_from_the_registry(self):
        self.settings.write_text('{"credsStore": "gone"}')
        why = 'credentials - err: exec: "docker-credential-gone": executable file not found in $PATH, out: ``'
        pulled = self.skiff("pull", f"{self.registry}/x", check=False)
        self.assertIn(f"WARNING: error getting {why}\n", pulled.err)
        self.assertNotEqual(pulled.code, 0)
        stored = self.skiff("login", "-u", "me", "--password-stdin", self.registry, input=b"right", check=False)
        self.assertEqual((stored.code, stored.err), (1, f"Error saving credentials: error storing {why}\n"))
        left = self.skiff("logout", self.registry)
        self.assertEqual(left.err, f"WARNING: could not erase credentials:\n{self.registry}: error erasing {why}\n")

    def test_settings_that_cannot_be_read_are_told_with_their_place_and_never_lost(self):
        self.settings.write_text('{\n  "psFormat": bare\n}')
        listed = self.skiff("ps")
        self.assertRegex(listed.err, r"^WARNING: Error parsing config file \(.*/config\.json\): line 2, column 15: ")
        self.assertTrue(listed.out.startswith("CONTAINER ID"))
        login = self.skiff("login", "-u", "me", "--password-stdin", self.registry, input=b"right", check=False)
        self.assertEqual(login.code, 1)
        self.assertIn("is left as it is: mend it or move it away", login.err)
        self.assertEqual(self.settings.read_text(), '{\n  "psFormat": bare\n}')
