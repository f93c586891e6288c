"""What an engine needed for something large goes back to the kernel."""

import http.server
import threading
import unittest

from concurrent.futures import ThreadPoolExecutor

from engine import Engine, eventually


class Endless(http.server.BaseHTTPRequestHandler):
    """A registry whose every manifest is larger than manifests may be."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = b"{}" if self.path == "/v2/" else b"[" * (16 << 20)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/vnd.oci.image.manifest.v1+json")
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


class Memory(unittest.TestCase):
    def held(self):
        """Kilobytes that are the engine's alone."""
        with open(f"/proc/{self.engine.process.pid}/smaps_rollup") as rollup:
            return next(int(line.split()[1]) for line in rollup if line.startswith("Anonymous:"))

    def test_a_registry_that_answers_without_end_leaves_no_large_heap(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endless)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.engine = Engine().start()
        self.addCleanup(self.engine.close)
        name = f"127.0.0.1:{server.server_address[1]}/large"
        before = self.held()

        def pull(number):
            return self.engine.run("pull", f"{name}{number}", check=False).err

        with ThreadPoolExecutor(8) as pool:
            for error in pool.map(pull, range(80)):
                self.assertIn("more than 4194304 bytes", error)
        # Eight at once of 4 MiB, some of them twice, were needed; of those freed each of the threads may keep 4 MiB.
        eventually(lambda: self.held() < before + 20_000, 15, f"at most {before + 20_000} kB")


if __name__ == "__main__":
    unittest.main()
