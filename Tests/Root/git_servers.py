"""Git repositories on loopback, by git's own protocol and over HTTP: of git's server, and as files alone."""

import functools
import http.server
import os
import pathlib
import socket
import subprocess
import threading

from engine import eventually

IDENTITY = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "a"), ("EMAIL", "a@localhost"), ("DATE", "2024-01-02T03:04:05Z"))}


def git(directory, *arguments):
    """Runs git with nobody's settings; what it printed."""
    environment = dict(os.environ, HOME="/dev/null", GIT_CONFIG_NOSYSTEM="1", **IDENTITY)
    made = subprocess.run(["git", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *arguments], cwd=directory,
                          env=environment, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    return made.stdout.decode().strip()


class Repository:
    """A bare repository below `base`, written through a work tree beside it."""

    def __init__(self, base, name):
        self.tree = pathlib.Path(base, "trees", name)
        self.tree.mkdir(parents=True)
        self.bare = pathlib.Path(base, "served", f"{name}.git")
        self.bare.parent.mkdir(exist_ok=True)
        git(base, "init", "--quiet", "--bare", str(self.bare))
        git(self.tree, "init", "--quiet")
        git(self.tree, "remote", "add", "origin", str(self.bare))

    def commit(self, files, push="HEAD:main"):
        """Commits the files (a text, or a pair of a path and a link's target) and pushes; the commit's name."""
        for name, content in files.items():
            path = self.tree / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_symlink() or path.exists():
                path.unlink()
            if isinstance(content, tuple):
                path.symlink_to(content[0])
            else:
                path.write_text(content)
        git(self.tree, "add", "--all")
        git(self.tree, "commit", "--quiet", "-m", "a change")
        git(self.tree, "push", "--quiet", "origin", push)
        git(self.bare, "update-server-info")
        return git(self.tree, "rev-parse", "HEAD")


class Daemon:
    """`git daemon` over a directory."""

    def __init__(self, directory):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"git://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            ["git", "daemon", "--export-all", "--listen=127.0.0.1", f"--port={self.port}", f"--base-path={directory}", str(directory)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        eventually(self._answers, 10, "git daemon")

    def _answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def close(self):
        os.killpg(self.process.pid, 15)
        self.process.wait()


class Files(http.server.SimpleHTTPRequestHandler):
    """A web server that knows nothing of git."""

    def log_message(self, *_):
        pass


class Smart(http.server.BaseHTTPRequestHandler):
    """`git http-backend`, as a web server has it."""

    def __init__(self, *arguments, directory):
        self.directory = directory
        super().__init__(*arguments)

    def log_message(self, *_):
        pass

    def do_GET(self):
        path, _, query = self.path.partition("?")
        environment = dict(
            os.environ, GIT_PROJECT_ROOT=self.directory, GIT_HTTP_EXPORT_ALL="1", PATH_INFO=path, QUERY_STRING=query,
            REQUEST_METHOD=self.command, CONTENT_TYPE=self.headers.get("Content-Type", ""),
            HTTP_CONTENT_ENCODING=self.headers.get("Content-Encoding", ""), GIT_PROTOCOL=self.headers.get("Git-Protocol", ""))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = subprocess.run(["git", "http-backend"], env=environment, input=body, stdout=subprocess.PIPE, timeout=60).stdout
        head, _, content = answer.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(fields.pop("Status", "200").split()[0]))
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET


class Web:
    """A web server over a directory: git's where `handler` is Smart, else one of files."""

    def __init__(self, handler, directory):
        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(handler, directory=str(directory)))
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
