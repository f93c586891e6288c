"""A registry on loopback that a test can look into: it gives and takes one image, layer by layer."""

import base64
import gzip
import hashlib
import http.server
import io
import json
import tarfile
import threading


def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Registry:
    """Counts what is under way. `hold` says how many transfers are waited for before one goes on, a second at most; `cut` ends
    every layer in its middle; `login`, `user:password`, is asked for before anything is given."""

    def __init__(self, layers=0, hold=1, cut=False, login=None):
        self.hold, self.cut = hold, cut
        self.state = threading.Condition()
        self.running = self.most = self.asked = 0
        self.blobs, self.manifest = {}, None
        self._make(layers)
        registry = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, status, body=b"", **headers):
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def do_GET(self):
                wanted = login and "Basic " + base64.b64encode(login.encode()).decode()
                if wanted and self.headers.get("Authorization") != wanted:
                    return self.answer(401, WWW_Authenticate='Basic realm="here"')
                name = self.path.rsplit("/", 1)[1]
                if "/manifests/" in self.path and registry.manifest:
                    kind = "application/vnd.docker.distribution.manifest.v2+json"
                    return self.answer(200, registry.manifest, Content_Type=kind)
                content = registry.blobs.get(name)
                if content is None:
                    return self.answer(200 if self.path == "/v2/" else 404)
                if name != registry.config and self.command == "GET":
                    with registry.transfer():
                        if registry.cut:
                            self.send_response(200)
                            self.send_header("Content-Length", str(len(content)))
                            self.end_headers()
                            self.wfile.write(content[:len(content) // 2])
                            self.close_connection = True
                            return None
                return self.answer(200, content)

            do_HEAD = do_GET

            def do_POST(self):
                self.answer(202, Location=f"{registry.url}{self.path}one")

            def do_PUT(self):
                if "/manifests/" in self.path:
                    registry.manifest = self.rfile.read(int(self.headers["Content-Length"]))
                    return self.answer(201)
                name = self.path.split("digest=")[1].replace("%3A", ":")
                with registry.transfer():
                    registry.blobs[name] = self.rfile.read(int(self.headers["Content-Length"]))
                return self.answer(201)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

        self.server = Server(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{self.host}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _make(self, count):
        layers, ids = [], []
        for number in range(count):
            buffer = io.BytesIO()
            with tarfile.open(fileobj=buffer, mode="w") as tar:
                entry = tarfile.TarInfo(f"file{number}")
                entry.size = 5000
                tar.addfile(entry, io.BytesIO(bytes([number]) * 5000))
            packed = gzip.compress(buffer.getvalue(), mtime=0)
            self.blobs[digest(packed)] = packed
            ids.append(digest(buffer.getvalue()))
            layers.append({"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "size": len(packed), "digest": digest(packed)})
        config = json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": ids}}).encode()
        self.config = digest(config)
        self.blobs[self.config] = config
        if count:
            self.manifest = json.dumps({
                "schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
                "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": len(config), "digest": self.config},
                "layers": layers}).encode()

    def transfer(self):
        return _Transfer(self)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class _Transfer:
    def __init__(self, registry):
        self.registry = registry

    def __enter__(self):
        registry = self.registry
        with registry.state:
            registry.running += 1
            registry.asked += 1
            registry.most = max(registry.most, registry.running)
            registry.state.notify_all()
            registry.state.wait_for(lambda: registry.most >= registry.hold, 1)

    def __exit__(self, *_):
        with self.registry.state:
            self.registry.running -= 1
