"""A shim of its own for a test, over a busybox root, spoken to as the daemon would."""

import json
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import tempfile

from engine import PROGRAMS, eventually, remove_tree

REQUEST, REPLY, EVENT, INPUT, OUTPUT, ERRORS, END_OF_INPUT, EXITED = 1, 2, 3, 16, 17, 18, 19, 20
CAPABILITIES = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_KILL", "CAP_SETUID", "CAP_SETGID", "CAP_NET_BIND_SERVICE",
                "CAP_NET_RAW"]


class Refused(Exception):
    def __init__(self, failure):
        super().__init__(failure["message"])
        self.kind = failure["kind"]


class Connection:
    """One conversation with a shim."""

    def __init__(self, source):
        if isinstance(source, socket.socket):
            self.socket = source
        else:
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.socket.connect(source)
        self.socket.settimeout(20)
        self.buffer = b""

    def send(self, kind, payload=b""):
        self.socket.sendall(struct.pack(">BI", kind, len(payload)) + payload)

    def frame(self):
        """The next frame; None at the end."""
        while True:
            if len(self.buffer) >= 5:
                kind, length = struct.unpack(">BI", self.buffer[:5])
                if len(self.buffer) >= 5 + length:
                    payload = self.buffer[5:5 + length]
                    self.buffer = self.buffer[5 + length:]
                    return kind, payload
            some = self.socket.recv(65536)
            if not some:
                return None
            self.buffer += some

    def reply(self):
        kind, payload = self.frame()
        assert kind == REPLY, kind
        (name, value), = json.loads(payload).items()
        if name == "failed":
            raise Refused(value["_0"])
        return value.get("_0")

    def ask(self, name, **arguments):
        self.send(REQUEST, json.dumps({name: arguments}).encode())
        return self.reply()

    def event(self):
        frame = self.frame()
        if frame is None:
            return None
        assert frame[0] == EVENT, frame
        (name, value), = json.loads(frame[1]).items()
        return name, value

    def until(self, wanted):
        """The first event of that name."""
        while True:
            event = self.event()
            assert event, f"the shim ended before {wanted}"
            if event[0] == wanted:
                return event[1]

    def collect(self):
        """Everything up to the end: standard output, standard error, exit code."""
        out, err, code = b"", b"", None
        while (frame := self.frame()) is not None:
            kind, payload = frame
            if kind == OUTPUT:
                out += payload
            elif kind == ERRORS:
                err += payload
            elif kind == EXITED:
                code, = struct.unpack(">i", payload)
        return out, err, code

    def close(self):
        self.socket.close()


def busybox_layer(directory):
    (directory / "bin").mkdir(parents=True)
    for name in ["dev", "proc", "sys", "etc", "tmp", "var/data"]:
        (directory / name).mkdir(parents=True)
    shutil.copy("/bin/busybox", directory / "bin/busybox")
    for line in subprocess.run(["/bin/busybox", "--list"], stdout=subprocess.PIPE).stdout.decode().split():
        if line != "busybox":
            os.symlink("busybox", directory / "bin" / line)
    (directory / "etc/passwd").write_text("root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n")


class Shim:
    """A bundle and, once launched, its shim."""

    def __init__(self, command, namespaces=("pid", "mount", "uts", "ipc", "network"), **spec):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="skiff-shim-test-"))
        self.id = self.directory.name
        self.bundle = self.directory / "bundle"
        for name in ["upper", "work", "rootfs"]:
            (self.bundle / name).mkdir(parents=True)
        busybox_layer(self.directory / "layers/1")
        self.process = None
        self.command = command
        self.config = self.make_config(command, namespaces, spec.get("terminal", False))
        self.spec = {
            "id": self.id, "bundle": str(self.bundle), "stateRoot": str(self.directory / "runtime"),
            "rootFileSystem": {"layersDirectory": str(self.directory / "layers"), "lower": ["1"],
                               "upper": str(self.bundle / "upper"), "work": str(self.bundle / "work")},
            "socket": str(self.directory / "s.sock"), "exitFile": str(self.bundle / "exit.json"),
            "log": {"path": str(self.bundle / "c.log"), "maximumSize": 0, "maximumFiles": 1},
            "terminal": False, "openStdin": False, "stdinOnce": False,
            "restart": {"name": "no", "maximumRetries": 0}, "copyUps": [], "stopSignal": 15,
        }
        if os.environ.get("SKIFF_SHIM_RUNTIME"):
            self.spec["runtime"] = os.environ["SKIFF_SHIM_RUNTIME"]
        self.spec.update(spec)

    def make_config(self, command, namespaces, terminal):
        sets = {name: CAPABILITIES for name in ["bounding", "effective", "permitted"]}
        return {
            "ociVersion": "1.0.2", "root": {"path": "rootfs"}, "hostname": "box",
            "process": {"args": command, "cwd": "/", "env": ["PATH=/bin", "HOME=/"], "terminal": terminal,
                        "user": {"uid": 0, "gid": 0}, "capabilities": sets},
            "mounts": [
                {"destination": "/proc", "type": "proc", "source": "proc"},
                {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]},
                {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
                 "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]}],
            "linux": {"namespaces": [{"type": name} for name in namespaces],
                      "cgroupsPath": f"/{self.id}"},
        }

    def launch(self):
        """Starts the shim; the container is created afterwards."""
        (self.bundle / "config.json").write_text(json.dumps(self.config))
        (self.bundle / "shim.json").write_text(json.dumps(self.spec))
        ours, theirs = socket.socketpair()
        log = open(self.bundle / "shim.log", "ab")
        self.process = subprocess.Popen(
            [str(PROGRAMS / "skiff-shim"), "--spec", str(self.bundle / "shim.json"),
             "--connection", str(theirs.fileno())],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, pass_fds=[theirs.fileno()])
        theirs.close()
        self.events = Connection(ours)
        try:
            self.events.reply()
        except TypeError:
            raise AssertionError("the shim ended at once:\n" + self.diagnostics()) from None
        return self

    def connect(self):
        return Connection(str(self.spec["socket"]))

    def ask(self, name, **arguments):
        connection = self.connect()
        try:
            return connection.ask(name, **arguments)
        finally:
            connection.close()

    def attach(self, stdin=False, stdout=True, stderr=True):
        connection = self.connect()
        connection.ask("attach", stdin=stdin, stdout=stdout, stderr=stderr)
        return connection

    def exec(self, arguments, identifier="e1", **options):
        connection = self.connect()
        spec = {"id": identifier, "arguments": arguments, "environment": ["PATH=/bin"], "workingDirectory": "/",
                "uid": 0, "gid": 0, "additionalGroups": [], "terminal": False, "stdin": False, "privileged": False,
                "noNewPrivileges": False}
        spec.update(options)
        connection.ask("exec", _0=spec)
        return connection

    def run(self):
        """Launches, attaches, starts, and waits for the end: output, errors, exit status."""
        self.launch()
        attached = self.attach()
        self.ask("start")
        out, err, code = attached.collect()
        status = self.finished()
        assert status["code"] == code, (status, code)
        return out.decode(), err.decode(), status

    def finished(self):
        """The final exit, as the shim tells it, after which it must end."""
        while True:
            value = self.events.until("exited")
            if not value["willRestart"]:
                break
        self.process.wait(timeout=10)
        return value["_0"]

    def exit_file(self):
        return json.loads((self.bundle / "exit.json").read_text())

    def log(self):
        return [json.loads(line) for line in (self.bundle / "c.log").read_text().splitlines()]

    def logged(self):
        return "".join(line["log"] for line in self.log())

    def diagnostics(self):
        return (self.bundle / "shim.log").read_text(errors="replace")

    def close(self):
        if self.process and (self.process.poll() or 0) < 0:
            raise AssertionError(f"the shim died of signal {-self.process.returncode}:\n{self.diagnostics()}")
        if self.process and self.process.poll() is None:
            try:
                self.ask("kill", signal=9, all=False, final=True)
            except (Refused, OSError, TypeError):
                self.process.terminate()
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        remove_tree(self.directory)
