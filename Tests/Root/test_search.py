"""search: asked of a server on loopback that answers as Docker Hub does; and zip archives of contexts."""

import http.server
import json
import pathlib
import subprocess
import tempfile
import threading
import unittest
import urllib.parse
import zipfile

from engine import Engine

FOUND = [
    {"name": "redis", "description": "Redis is the world\u2019s fastest data platform for caching,\nvector search and more.", "star_count": 13000,
     "is_official": True, "is_automated": True},
    {"name": "bitnami/redis", "description": "", "star_count": 400, "is_official": False, "is_automated": False},
]


class Hub(http.server.BaseHTTPRequestHandler):
    asked = []

    def log_message(self, *_):
        pass

    def do_GET(self):
        path, _, query = self.path.partition("?")
        self.asked.append((path, urllib.parse.parse_qs(query), self.headers.get("Authorization")))
        self.send_response(200 if path == "/v1/search" else 404)
        self.end_headers()
        if path == "/v1/search":
            self.wfile.write(json.dumps({"num_results": 2, "query": "redis", "results": FOUND}).encode())


class Search(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.engine = Engine().start()
        cls.addClassCleanup(cls.engine.close)
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.hub = f"localhost:{cls.server.server_address[1]}"

    def test_skiff_and_the_docker_cli_show_what_is_found(self):
        for words in ([], ["--no-trunc"], ["--format", "{{.Name}} {{.StarCount}} {{.IsOfficial}}"], ["--format", "json"],
                      ["--filter", "stars=1000"], ["-f", "is-official=false", "--limit", "5"]):
            with self.subTest(words):
                ours = self.engine.run("search", *words, f"{self.hub}/redis")
                self.assertEqual(ours.out, self.engine.docker("search", *words, f"{self.hub}/redis").out)
                self.assertIn("redis", ours.out)
        self.assertEqual(self.engine.run("search", f"{self.hub}/redis").out.splitlines()[0].split(),
                         ["NAME", "DESCRIPTION", "STARS", "OFFICIAL"])

    def test_the_term_and_the_limit_reach_the_registry(self):
        self.engine.run("search", "--limit", "7", f"{self.hub}/a b&n=100")
        self.assertEqual(Hub.asked[-1][:2], ("/v1/search", {"q": ["a b&n=100"], "n": ["7"]}))

    def test_credentials_go_where_they_belong(self):
        with tempfile.TemporaryDirectory(prefix="skiff-test-") as place:
            pathlib.Path(place, "config.json").write_text(json.dumps({"auths": {self.hub: {"auth": "bWU6cGFzcw=="}}}))
            self.engine.run("search", f"{self.hub}/redis", environment={"DOCKER_CONFIG": place})
            self.assertEqual(Hub.asked[-1][2], "Basic bWU6cGFzcw==")

    def test_what_goes_wrong_is_said(self):
        port = self.server.server_address[1]
        for words, told in ((["--limit", "101", "x"], "limit 101 is outside the range of [1, 100]"), (["http://x"], "should not have a scheme"),
                            (["-f", "colour=red", "x"], "invalid filter 'colour"), (["localhost:1/x"], "connection refused"),
                            (["-f", "stars=many", f"localhost:{port}/x"], "invalid filter 'stars=many'")):
            with self.subTest(words):
                made = self.engine.run("search", *words, check=False)
                self.assertEqual(made.code, 1)
                self.assertIn(told, made.err)


class ContextZip(unittest.TestCase):
    def test_a_context_comes_in_as_a_zip(self):
        with tempfile.TemporaryDirectory(prefix="skiff-test-") as place:
            engine = Engine()
            self.addCleanup(engine.directory.rmdir)
            environment = {"DOCKER_CONFIG": place}
            meta = {"Name": "other", "Metadata": {"Description": "d" * 3000}, "Endpoints": {"docker": {"Host": "tcp://10.0.0.1:2376", "SkipTLSVerify": False}}}
            archive = pathlib.Path(place, "c.zip")
            with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
                made.writestr("meta.json", json.dumps(meta))
                made.writestr("tls/docker/ca.pem", "certificate\n" * 300)
            engine.run("context", "import", "far", str(archive), environment=environment)
            self.assertEqual(json.loads(engine.run("context", "inspect", "far", environment=environment).out)[0]["Endpoints"]["docker"]["Host"],
                             "tcp://10.0.0.1:2376")
            engine.run("context", "export", "far", f"{place}/back", environment=environment)
            listed = subprocess.run(["tar", "-xOf", f"{place}/back", "tls/docker/ca.pem"], stdout=subprocess.PIPE, check=True).stdout.decode()
            self.assertEqual(listed, "certificate\n" * 300)
            archive.write_bytes(archive.read_bytes()[:-30])
            refused = engine.run("context", "import", "near", str(archive), environment=environment, check=False)
            self.assertIn("zip: the archive is broken", refused.err)


if __name__ == "__main__":
    unittest.main()
