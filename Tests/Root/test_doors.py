"""The ways in: TLS on TCP, ssh, sockets that were opened before, contexts, and a configuration that is read again."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

from engine import PROGRAMS, SKIFF, Engine, Result, eventually
from fixtures import EngineTest, busybox_tar


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=30)


class Authority:
    """Certificates of an authority of its own: for the engine at localhost, for a client, and of a stranger."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self._own("ca")
        self._own("stranger")
        self._sign("server", "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n")
        self._sign("client", "extendedKeyUsage=clientAuth\n")
        # The names that clients look for.
        self.certificates = self.directory / "client"
        self.certificates.mkdir()
        for name, source in (("ca.pem", "ca.pem"), ("cert.pem", "client.pem"), ("key.pem", "client-key.pem")):
            shutil.copy(self.path(source), self.certificates / name)

    def path(self, name):
        return str(self.directory / name)

    def _own(self, name):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", f"/CN={name}", "-keyout", self.path(f"{name}-key.pem"), "-out", self.path(f"{name}.pem"))

    def _sign(self, name, extensions):
        pathlib.Path(self.path(f"{name}.ext")).write_text(extensions)
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                "-keyout", self.path(f"{name}-key.pem"), "-out", self.path(f"{name}.csr"))
        openssl("x509", "-req", "-in", self.path(f"{name}.csr"), "-CA", self.path("ca.pem"), "-CAkey",
                self.path("ca-key.pem"), "-CAcreateserial", "-days", "2", "-extfile", self.path(f"{name}.ext"),
                "-out", self.path(f"{name}.pem"))


class Clients:
    """skiff and docker, with nothing in their environment but what is given."""

    def __init__(self, config):
        self.config = str(config)

    def variables(self, more):
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(("DOCKER_", "SKIFF_", "COMPOSE_"))}
        return {**kept, "DOCKER_CONFIG": self.config, "DOCKER_BUILDKIT": "0", "NO_COLOR": "1", **more}

    def run(self, program, *arguments, code=0, input=None, environment={}):
        command = [shutil.which("docker") if program == "docker" else SKIFF, *arguments]
        process = subprocess.run(command, input=input, env=self.variables(environment), timeout=60, capture_output=True,
                                 **({} if input is not None else {"stdin": subprocess.DEVNULL}))
        result = Result(process, command)
        if code is not None and result.code != code:
            raise AssertionError(f"expected exit {code}: {result}")
        return result


class TLS(unittest.TestCase):
    """An engine on TCP that talks only to clients whose certificate it knows."""

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="skiff-doors-")
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        cls.authority = authority = Authority(cls.directory)
        cls.port = free_port()
        cls.engine = Engine("-H", f"tcp://127.0.0.1:{cls.port}", "--tlsverify", "--tlscacert", authority.path("ca.pem"),
                            "--tlscert", authority.path("server.pem"), "--tlskey", authority.path("server-key.pem")).start()
        cls.addClassCleanup(cls.engine.close)
        cls.engine.run("import", "-", "busybox", input=busybox_tar())
        cls.engine.run("run", "-d", "--name", "still", "busybox", "sleep", "1000")
        cls.host = f"tcp://localhost:{cls.port}"
        cls.clients = Clients(pathlib.Path(cls.directory) / "config")

    def both(self, *arguments, **options):
        """Both clients, by docker's variables; the results must not differ."""
        known = {"DOCKER_HOST": self.host, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(self.authority.certificates)}
        results = [self.clients.run(program, *arguments, environment=known, **options) for program in ("docker", "skiff")]
        self.assertEqual(results[0].out, results[1].out)
        return results[0]

    def test_commands_streams_and_exit_codes_pass(self):
        self.assertEqual(self.both("run", "--rm", "busybox", "sh", "-c", "echo out; exit 3", code=3).out, "out\n")
        # What half-closes: the input ends, the output comes after it.
        numbers = "".join(f"{number}\n" for number in range(200_000)).encode()
        self.assertEqual(self.both("exec", "-i", "still", "wc", "-l", input=numbers).out, "200000\n")
        # What ends before its input does.
        self.assertEqual(self.both("exec", "-i", "still", "head", "-n", "1", input=numbers).out, "0\n")
        self.assertEqual(self.both("run", "--rm", "-i", "busybox", "cat", input=numbers).out.encode(), numbers)

    def test_files_and_builds_pass(self):
        place = pathlib.Path(tempfile.mkdtemp(dir=self.directory))
        (place / "blob").write_bytes(os.urandom(3_000_000))
        (place / "Dockerfile").write_text("FROM busybox\nCOPY blob /blob\nRUN wc -c < /blob\n")
        for program in ("docker", "skiff"):
            options = {"environment": {"DOCKER_HOST": self.host}}
            tls = ["--tlsverify", "--tlscacert", self.authority.path("ca.pem"), "--tlscert",
                   self.authority.path("client.pem"), "--tlskey", self.authority.path("client-key.pem")]
            self.assertIn("3000000", self.clients.run(program, *tls, "build", "--no-cache", str(place), **options).out)
            self.clients.run(program, *tls, "cp", str(place / "blob"), "still:/tmp/blob", **options)
            self.clients.run(program, *tls, "cp", "still:/tmp/blob", str(place / "back"), **options)
            self.assertEqual((place / "back").read_bytes(), (place / "blob").read_bytes())

    def test_a_terminal_and_a_follower(self):
        known = {"DOCKER_HOST": self.host, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(self.authority.certificates)}
        self.engine.run("run", "-d", "--name", "counter", "busybox", "sh", "-c",
                        "for i in 1 2 3; do echo $i; sleep 0.1; done")
        self.addCleanup(self.engine.run, "rm", "-f", "counter")
        for program in ("docker", SKIFF):
            command = f"{program} exec -it still sh -c 'test -t 0 && echo terminal; exit 4'"
            shell = subprocess.run(["script", "-qec", command, "/dev/null"], env=self.clients.variables(known),
                                   stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
            self.assertEqual((b"terminal" in shell.stdout, shell.returncode), (True, 4), shell)
            follower = subprocess.run([program, "logs", "-f", "counter"], env=self.clients.variables(known),
                                      capture_output=True, timeout=30)
            self.assertEqual(follower.stdout, b"1\n2\n3\n")

    def test_strangers_are_refused_and_told_why(self):
        docker = lambda *words, **options: self.clients.run("docker", "-H", self.host, *words, code=1, **options).err  # noqa: E731
        skiff = lambda *words, **options: self.clients.run("skiff", "-H", self.host, *words, code=1, **options).err  # noqa: E731
        for client in (docker, skiff):
            self.assertIn("Client sent an HTTP request to an HTTPS server", client("ps"))
        self.assertIn("certificate required", skiff("--tls", "ps"))
        self.assertIn("unknown ca", skiff("--tls", "--tlscert", self.authority.path("stranger.pem"), "--tlskey",
                                          self.authority.path("stranger-key.pem"), "ps"))
        self.assertIn("failed to verify certificate", skiff("--tlsverify", "--tlscacert", self.authority.path("stranger.pem"), "ps"))
        self.assertIn("no such file or directory", skiff("--tlsverify", "ps"))

    def test_who_says_nothing_is_let_go(self):
        with socket.create_connection(("127.0.0.1", self.port)) as silent:
            silent.settimeout(20)
            started = time.monotonic()
            self.assertEqual(silent.recv(1), b"")
            self.assertLess(time.monotonic() - started, 15)

    def test_contexts_carry_certificates_between_the_two_clients(self):
        authority, clients = self.authority, self.clients
        where = (f"host={self.host},ca={authority.path('ca.pem')},cert={authority.path('client.pem')},"
                 f"key={authority.path('client-key.pem')}")
        self.assertEqual(clients.run("skiff", "context", "create", "far", "--docker", where, "--description", "over there").out, "far\n")
        for program in ("docker", "skiff"):
            self.assertIn("still", clients.run(program, "--context", "far", "ps").out)
        shown = [json.loads(clients.run(program, "context", "inspect", "far").out) for program in ("docker", "skiff")]
        self.assertEqual(shown[0], shown[1])
        archive = str(pathlib.Path(self.directory) / "far.dockercontext")
        clients.run("skiff", "context", "export", "far", archive)
        clients.run("docker", "context", "import", "from-skiff", archive)
        clients.run("docker", "context", "export", "far", archive + "2")
        clients.run("skiff", "context", "import", "from-docker", archive + "2")
        for program, name in (("docker", "from-skiff"), ("skiff", "from-docker")):
            self.assertIn("still", clients.run(program, "ps", environment={"DOCKER_CONTEXT": name}).out)
        clients.run("skiff", "context", "update", "from-skiff", "--description", "", "--docker", "host=unix:///nowhere")
        self.assertIn("/nowhere", clients.run("docker", "--context", "from-skiff", "ps", code=1).err)
        clients.run("skiff", "context", "use", "from-docker")
        self.assertEqual(clients.run("docker", "context", "show").out, "from-docker\n")
        clients.run("skiff", "context", "rm", "from-skiff", "far")
        self.assertIn("in use", clients.run("skiff", "context", "rm", "from-docker", code=1).err)
        clients.run("skiff", "context", "rm", "-f", "from-docker")
        self.assertEqual(clients.run("docker", "context", "ls", "-q").out, "default\n")


class SSH(EngineTest):
    """ssh:// over a real sshd on loopback."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="skiff-ssh-"))
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        for name in ("host", "key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(cls.directory / name)], check=True)
        cls.far = cls.directory / "far"
        cls.near = cls.directory / "near"
        for place in (cls.far, cls.near):
            place.mkdir()
        # Nothing else is found over there.
        (cls.far / "sh").symlink_to("/bin/sh")
        wrapper = cls.near / "ssh"
        wrapper.write_text(f"#!/bin/sh\nexec /usr/bin/ssh -F none -i {cls.directory}/key -o UserKnownHostsFile=/dev/null "
                           "-o StrictHostKeyChecking=no -o LogLevel=ERROR \"$@\"\n")
        wrapper.chmod(0o755)
        os.makedirs("/run/sshd", exist_ok=True)
        cls.port = free_port()
        (cls.directory / "config").write_text(
            f"Port {cls.port}\nListenAddress 127.0.0.1\nHostKey {cls.directory}/host\nStrictModes no\nUsePAM no\nPidFile none\n"
            f"AuthorizedKeysFile {cls.directory}/key.pub\nPasswordAuthentication no\nPermitRootLogin yes\n"
            f"SetEnv PATH={cls.far}\n")
        daemon = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", str(cls.directory / "config")],
                                  stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        cls.addClassCleanup(daemon.wait)
        cls.addClassCleanup(daemon.terminate)

        def answers():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", cls.port)) == 0
        eventually(answers, 10, "an answer of sshd")
        cls.clients = Clients(cls.directory / "docker-config")
        cls.host = f"ssh://root@127.0.0.1:{cls.port}{cls.engine.socket}"

    def far_side_has(self, *names):
        for name in ("skiff", "docker"):
            (self.far / name).unlink(missing_ok=True)
            if name in names:
                (self.far / name).symlink_to(SKIFF)

    def run_by_ssh(self, program, *arguments, **options):
        return self.clients.run(program, "-H", self.host, *arguments,
                                environment={"PATH": f"{self.near}:{os.environ['PATH']}"}, **options)

    def test_both_clients_reach_an_engine_behind_ssh(self):
        # docker's client runs `docker system dial-stdio` over there; skiff may stand under that name.
        self.far_side_has("skiff", "docker")
        numbers = "".join(f"{number}\n" for number in range(50_000)).encode()
        for program in ("docker", "skiff"):
            self.assertEqual(self.run_by_ssh(program, "run", "--rm", "busybox", "sh", "-c", "echo far; exit 5", code=5).out, "far\n")
            self.assertEqual(self.run_by_ssh(program, "run", "--rm", "-i", "busybox", "wc", "-l", input=numbers).out, "50000\n")

    def test_an_engine_of_either_name_is_found(self):
        for name in ("skiff", "docker"):
            self.far_side_has(name)
            self.assertIn("CONTAINER ID", self.run_by_ssh("skiff", "ps").out)
        self.far_side_has()
        self.assertIn("docker: not found", self.run_by_ssh("skiff", "ps", code=1).err)

    def test_what_ssh_says_is_told(self):
        error = self.clients.run("skiff", "-H", "ssh://root@127.0.0.1:1", "ps", code=1).err
        self.assertIn("has exited with exit status 255", error)
        self.assertIn("Connection refused", error)


class Inherited(unittest.TestCase):
    def test_a_socket_that_was_opened_before_is_served(self):
        """As systemd does it: the socket is descriptor 3, LISTEN_PID names the process."""
        directory = pathlib.Path(tempfile.mkdtemp(prefix="skiff-test-"))
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        path = str(directory / "given.sock")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen(16)
            activate = ("import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ['LISTEN_PID'] = str(os.getpid()); "
                        "os.environ['LISTEN_FDS'] = '1'; os.execv(sys.argv[2], sys.argv[2:])")
            command = [str(PROGRAMS / "skiffd"), "--data-root", f"{directory}/data", "--exec-root", f"{directory}/exec", "-H", "fd://"]
            with open(directory / "log", "wb") as log:
                process = subprocess.Popen([sys.executable, "-c", activate, str(listener.fileno()), *command],
                                           pass_fds=[listener.fileno()], stderr=log)
        self.addCleanup(process.wait, 20)
        self.addCleanup(process.terminate)
        clients = Clients(directory)
        # The connection is taken by the kernel before skiffd is up.
        self.assertEqual(clients.run("skiff", "-H", f"unix://{path}", "ps", "-q").out, "")

    def test_without_one_it_says_so(self):
        directory = tempfile.mkdtemp(prefix="skiff-test-")
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        process = subprocess.run([str(PROGRAMS / "skiffd"), "--data-root", f"{directory}/data", "--exec-root", f"{directory}/exec",
                                  "-H", "fd://"], capture_output=True, timeout=30)
        self.assertEqual(process.returncode, 1)
        self.assertIn(b"no sockets found via socket activation: make sure the service was started by systemd", process.stderr)


class Configuration(unittest.TestCase):
    def start(self, content, *options):
        place = pathlib.Path(tempfile.mkdtemp(prefix="skiff-config-"))
        self.addCleanup(shutil.rmtree, place, ignore_errors=True)
        self.file = place / "daemon.json"
        self.file.write_text(json.dumps(content))
        engine = Engine("--config-file", str(self.file), *options).start()
        self.addCleanup(engine.close)
        return engine

    def test_hangup_takes_over_what_may_change_and_tells(self):
        engine = self.start({"labels": ["a=1"]})
        info = lambda: json.loads(engine.run("info", "--format", "json").out)  # noqa: E731
        self.assertEqual((info()["Labels"], info()["Debug"]), (["a=1"], False))
        self.file.write_text(json.dumps({"labels": ["b=2"], "debug": True, "registry-mirrors": ["https://mirror.example"],
                                         "insecure-registries": ["10.0.0.0/8"]}))
        engine.process.send_signal(signal.SIGHUP)
        eventually(lambda: info()["Labels"] == ["b=2"], 10, "the new labels")
        told = info()
        self.assertTrue(told["Debug"])
        self.assertEqual(told["RegistryConfig"]["Mirrors"], ["https://mirror.example/"])
        self.assertIn("10.0.0.0/8", told["RegistryConfig"]["InsecureRegistryCIDRs"])
        # docker rounds `until` down to a second.
        events = eventually(lambda: engine.docker("events", "--since", "1h", "--until", "0s", "--filter", "event=reload",
                                                  "--format", "json").out.splitlines(), 10, "the event")
        event = json.loads(events[-1])
        self.assertEqual((event["Type"], event["Actor"]["Attributes"]["debug"]), ("daemon", "true"))
        # A file that makes no sense changes nothing.
        self.file.write_text('{"labels": ["c=3"], "nope": 1}')
        engine.process.send_signal(signal.SIGHUP)
        eventually(lambda: "the configuration stays as it was" in engine.log(), 10, "the complaint")
        self.assertEqual(info()["Labels"], ["b=2"])

    def test_flag_and_file_must_not_both_say_it(self):
        place = pathlib.Path(tempfile.mkdtemp(prefix="skiff-config-"))
        self.addCleanup(shutil.rmtree, place, ignore_errors=True)
        file = place / "daemon.json"

        def validate(content, *options):
            file.write_text(content)
            return subprocess.run([str(PROGRAMS / "skiffd"), "--validate", "--config-file", str(file), *options],
                                  capture_output=True, timeout=30, text=True)
        self.assertEqual(validate('{"labels": ["a=1"]}').stdout, "configuration OK\n")
        conflict = validate('{"labels": ["a=1"]}', "--label", "b=2")
        self.assertEqual(conflict.returncode, 1)
        self.assertIn("the following directives are specified both as a flag and in the configuration file: "
                      "labels: (from flag: [b=2], from file: [a=1])", conflict.stderr)
        self.assertIn("the following directives don't match any configuration option: nope", validate('{"nope": 1}').stderr)

    def test_what_only_the_machine_knows_is_checked_too(self):
        place = pathlib.Path(tempfile.mkdtemp(prefix="skiff-config-"))
        self.addCleanup(shutil.rmtree, place, ignore_errors=True)
        file = place / "daemon.json"
        for content, complaint in (
                ({"dns": ["nowhere"]}, "invalid dns nowhere: it is no IP address"), ({"group": "nobodys-group"}, "group nobodys-group not found"),
                ({"default-address-pools": [{"base": "10.0.0.0/24", "size": 8}]}, "invalid default address pool"),
                ({"default-address-pools": [{"base": "net", "size": 24}]}, "invalid default address pool"),
                ({"log-opts": {"max-size": "huge"}}, "invalid size: 'huge'"), ({"log-opts": {"nope": "1"}}, "unknown log opt 'nope'"),
                ({"tls": True, "tlscert": str(place / "c"), "tlskey": str(place / "k"), "tlscacert": str(place / "a")}, str(place / "c"))):
            file.write_text(json.dumps(content))
            for trial in (["--validate"], ["--data-root", str(place / "data"), "--exec-root", str(place / "exec")]):
                result = subprocess.run([str(PROGRAMS / "skiffd"), *trial, "--config-file", str(file)], capture_output=True, timeout=30, text=True)
                self.assertEqual(result.returncode, 1, result)
                self.assertIn(complaint, result.stderr)
                self.assertIn(f"unable to configure skiffd with file {file}", result.stderr)
        self.assertFalse((place / "data").exists())

    def test_logs_take_their_options_from_the_file(self):
        engine = self.start({"log-opts": {"max-size": "1m", "max-file": "2"}})
        engine.run("import", "-", "busybox", input=busybox_tar())
        engine.run("create", "--name", "usual", "busybox", "true")
        engine.run("create", "--name", "own", "--log-opt", "max-file=5", "busybox", "true")
        engine.run("create", "--name", "other", "--log-driver", "local", "busybox", "true")
        self.addCleanup(lambda: engine.run("rm", "-f", "usual", "own", "other", check=False))
        logs = {one["Name"]: one["HostConfig"]["LogConfig"] for one in engine.inspect("usual", "own", "other")}
        self.assertEqual(logs["/usual"], {"Type": "json-file", "Config": {"max-size": "1m", "max-file": "2"}})
        self.assertEqual(logs["/own"]["Config"], {"max-size": "1m", "max-file": "5"})
        self.assertEqual((logs["/other"]["Type"], logs["/other"]["Config"] or {}), ("local", {}))

    def test_containers_have_the_limits_of_the_file_and_their_own(self):
        engine = self.start({"default-ulimits": {"nofile": {"Name": "nofile", "Soft": 50, "Hard": 60},
                                                 "core": {"Name": "core", "Soft": 3, "Hard": 4}}})
        engine.run("import", "-", "busybox", input=busybox_tar())

        def limits(*command):
            lines = engine.run(*command, "cat", "/proc/self/limits").out.splitlines()
            return [line.split()[3:5] if "files" in line else line.split()[4:6] for line in lines if "open files" in line or "core" in line]
        self.assertEqual(limits("run", "--rm", "busybox"), [["3", "4"], ["50", "60"]])
        engine.run("run", "-d", "--name", "own", "--ulimit", "nofile=70:80", "busybox", "sleep", "1000")
        self.addCleanup(engine.run, "rm", "-f", "own")
        self.assertEqual(limits("exec", "own"), [["3", "4"], ["70", "80"]])
        self.assertEqual(engine.inspect("own")[0]["HostConfig"]["Ulimits"],
                         [{"Name": "nofile", "Hard": 80, "Soft": 70}, {"Name": "core", "Hard": 4, "Soft": 3}])
        built = engine.run("build", "--ulimit", "nofile=90:91", "-", input=b"FROM busybox\nRUN echo limits $(ulimit -Sn) $(ulimit -Hn)\n")
        self.assertIn("limits 90 91", built.out + built.err)

    def test_who_has_an_address_is_named(self):
        first = self.start({})
        port = free_port()
        with socket.create_server(("127.0.0.1", port)):
            for host, words in ((f"tcp://127.0.0.1:{port}", f"(pid {os.getpid()}) has it"), (first.host, f"process {first.process.pid} listens there")):
                second = Engine("-H", host)
                self.addCleanup(shutil.rmtree, second.directory, ignore_errors=True)
                second.spawn()
                self.assertEqual(second.process.wait(timeout=20), 1)
                self.assertIn(words, second.log())

    def test_a_directory_in_the_socket_s_place_is_named(self):
        directory = tempfile.TemporaryDirectory(prefix="skiff-test-")
        self.addCleanup(directory.cleanup)
        place = pathlib.Path(directory.name, "skiff.sock")
        place.mkdir()
        engine = Engine("-H", f"unix://{place}")
        self.addCleanup(shutil.rmtree, engine.directory, ignore_errors=True)
        engine.spawn()
        self.assertEqual(engine.process.wait(timeout=20), 1)
        self.assertIn(f"{place} is a directory", engine.log())
        self.assertTrue(place.is_dir())

    def test_a_group_may_use_the_socket(self):
        engine = self.start({}, "--group", "daemon")
        status = os.stat(engine.socket)
        self.assertEqual((status.st_gid, status.st_mode & 0o777), (1, 0o660))


class Metrics(unittest.TestCase):
    def test_prometheus_reads_the_engine_and_each_container(self):
        port = free_port()
        engine = Engine("--metrics-addr", f"127.0.0.1:{port}").start()
        self.addCleanup(engine.close)
        engine.run("import", "-", "busybox", input=busybox_tar())
        engine.run("run", "-d", "--name", "busy", "-m", "64m", "--label", "com.docker.compose.project=shop", "--label",
                   "com.docker.compose.service=web", "--health-cmd", "true", "--health-interval", "100ms", "busybox",
                   "sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; sleep 1000")
        engine.run("run", "--name", "over", "busybox", "sh", "-c", "exit 7", check=False)

        def samples():
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
                self.assertEqual(answer.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8")
                text = answer.read().decode()
            found, types = {}, set()
            for line in text.splitlines():
                if line.startswith("# TYPE "):
                    self.assertNotIn(line.split()[2], types)
                    types.add(line.split()[2])
                elif not line.startswith("#"):
                    name, labels, value = re.fullmatch(r"([a-z_]+)((?:\{.*\})?) (\S+)", line).groups()
                    found[name, tuple(re.findall(r'([a-z_]+)="([^"]*)"', labels))] = float(value)
            return found

        def of(found, family, /, **labels):
            return [value for (known, pairs), value in found.items() if known == family and labels.items() <= dict(pairs).items()]
        eventually(lambda: of(samples(), "skiff_container_healthy", name="busy") == [1], 10, "health")
        found = samples()
        self.assertEqual(of(found, "engine_daemon_container_states_containers", state="running"), [1])
        self.assertEqual(of(found, "engine_daemon_container_states_containers", state="stopped"), [1])
        self.assertEqual(of(found, "engine_daemon_container_actions_seconds_count", action="create"), [2])
        self.assertEqual(of(found, "engine_daemon_engine_cpus_cpus"), [float(os.cpu_count())])
        self.assertGreater(of(found, "engine_daemon_events_total")[0], 3)
        shop = {"name": "busy", "compose_project": "shop", "compose_service": "web", "image": "busybox"}
        self.assertEqual(of(found, "skiff_container_state", state="running", **shop), [1])
        self.assertEqual(of(found, "skiff_container_memory_limit_bytes", **shop), [64 << 20])
        for name in ("cpu_seconds_total", "memory_usage_bytes", "pids", "start_time_seconds"):
            self.assertGreater(of(found, f"skiff_container_{name}", **shop)[0], 0)
        self.assertEqual(len(of(found, "skiff_container_network_receive_bytes_total", interface="eth0", **shop)), 1)
        self.assertEqual(of(found, "skiff_container_exit_code", name="over"), [7])
        self.assertEqual(of(found, "skiff_container_pids", name="over"), [])
        self.assertEqual(of(found, "skiff_container_restarts_total", name="busy"), [0])
        with self.assertRaises(urllib.error.HTTPError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/containers/json", timeout=20)


del EngineTest
