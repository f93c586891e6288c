"""Health checks: what the shim probes by itself, and what becomes of an unhealthy container."""

import json
import pathlib
import shutil
import tempfile
import time
import unittest

from engine import Engine, eventually
from fixtures import EngineTest
from standins import provide

QUICK = ("--health-interval", "100ms", "--health-timeout", "2s", "--health-retries", "2")
LABEL = "org.skiff.health.on-unhealthy"


class HealthTest(EngineTest):
    def health(self, name):
        return self.engine.inspect(name)[0]["State"]["Health"]

    def until(self, name, status, within=10):
        return eventually(lambda: (h := self.health(name))["Status"] == status and h, within, f"{name} {status}")

    def start(self, name, *arguments):
        self.remove_later(name)
        return self.run_skiff("run", "-d", "--name", name, *QUICK, *arguments)

    def output(self, name, status):
        return self.until(name, status)["Log"][-1]["Output"]


class Probes(HealthTest):
    def test_probes_that_are_processes_are_told_as_execs(self):
        self.start("told", "--health-cmd", "echo fine; exit 3", "busybox", "sleep", "1000")
        self.until("told", "unhealthy")
        # docker rounds `until` down to a second.
        def told():
            lines = self.engine.docker("events", "--since", "1h", "--until", "0s", "--filter", "container=told", "--format", "json").out.splitlines()
            events = [(e["Action"], e["Actor"]["Attributes"]) for e in map(json.loads, lines)]
            return events if any(action == "health_status: unhealthy" for action, _ in events) else None
        events = eventually(told, what="the events")
        names = [action for action, _ in events]
        first = names.index("exec_create: /bin/sh -c echo fine; exit 3")
        self.assertEqual(names[first:first + 3], [names[first], "exec_start: /bin/sh -c echo fine; exit 3", "exec_die"])
        ids = {attributes["execID"] for _, attributes in events[first:first + 3]}
        self.assertEqual([len(each) for each in ids], [64])
        self.assertEqual(events[first + 2][1]["exitCode"], "3")
        self.assertEqual(names[names.index("health_status: unhealthy") - 1], "exec_die")
        # The server is asked without a process: there is no exec to tell of.
        self.start("asked", "--health-cmd", "tcp://localhost:8000", "busybox", "httpd", "-f", "-p", "8000")
        self.until("asked", "healthy")
        told = self.engine.docker("events", "--since", "1h", "--until", "0s", "--filter", "container=asked").out
        self.assertNotIn("exec_", told)

    def test_http_is_asked_without_a_client_in_the_image(self):
        self.start("web", "--health-cmd", "http://localhost:8000/index.html", "busybox", "httpd", "-f", "-p", "8000", "-h", "/www")
        health = self.until("web", "healthy")
        self.assertEqual(health["Log"][-1]["ExitCode"], 0)
        self.assertEqual(health["Log"][-1]["Output"], "GET http://localhost:8000/index.html: 200 OK")

    def test_an_error_of_http_is_told_with_status_and_body(self):
        self.start("missing", "--health-cmd", "http://127.0.0.1:8000/nothing", "busybox", "httpd", "-f", "-p", "8000", "-h", "/www")
        output = self.output("missing", "unhealthy")
        self.assertTrue(output.startswith("GET http://127.0.0.1:8000/nothing: 404 Not Found: "), output)

    def test_a_refused_connection_says_what_listens_instead(self):
        self.start("elsewhere", "--health-cmd", "tcp://localhost:9000", "busybox", "httpd", "-f", "-p", "127.0.0.1:8000")
        self.assertEqual(self.output("elsewhere", "unhealthy"),
                         "localhost:9000: connection refused; the container listens on 127.0.0.1:8000")
        self.start("silent", "--health-cmd", "tcp://localhost:9000", "busybox", "sleep", "1000")
        self.assertEqual(self.output("silent", "unhealthy"),
                         "localhost:9000: connection refused; nothing listens in the container")

    def test_the_containers_own_name_is_known(self):
        self.start("named", "--hostname", "myself", "--health-cmd", "tcp://myself:8000", "busybox", "httpd", "-f", "-p", "8000")
        self.assertEqual(self.output("named", "healthy"), "myself:8000: connected")
        self.start("stranger", "--health-cmd", "tcp://nobody:8000", "busybox", "httpd", "-f", "-p", "8000")
        self.assertIn("nobody is neither localhost nor an address nor in the container's /etc/hosts",
                      self.output("stranger", "unhealthy"))

    def test_a_server_that_says_nothing_is_not_waited_for(self):
        self.remove_later("mute")
        self.run_skiff("run", "-d", "--name", "mute", "--health-cmd", "http://localhost:8000", "--health-interval", "50ms",
                       "--health-timeout", "200ms", "busybox", "sh", "-c", "sleep 1000 | nc -l -p 8000")
        eventually(lambda: any(probe["Output"] == "Health check exceeded timeout (200ms): localhost:8000: connected, but no answer"
                               and probe["ExitCode"] == -1 for probe in self.health("mute")["Log"]), what="a probe that is late")

    def test_no_process_runs_in_the_container_for_a_probe(self):
        self.start("alone", "--health-cmd", "tcp://localhost:8000", "busybox", "httpd", "-f", "-p", "8000")
        self.until("alone", "healthy")
        seen = set()
        for _ in range(20):
            seen |= {line.split()[0] for line in self.run_skiff("top", "alone", "-o", "pid").out.split("\n")[1:] if line}
            time.sleep(0.01)
        self.assertEqual(len(seen), 1)

    def test_probes_go_on_without_the_engine(self):
        self.start("lonely", "--health-cmd", "http://localhost:8000/health", "busybox", "sh", "-c",
                   "mkdir /w; httpd -f -p 8000 -h /w")
        self.until("lonely", "unhealthy")
        pid = self.engine.inspect("lonely")[0]["State"]["Pid"]
        self.engine.kill()
        pathlib.Path(f"/proc/{pid}/root/w/health").write_text("ok")
        time.sleep(0.5)
        self.engine.start()
        self.assertEqual(self.health("lonely")["Status"], "healthy")

    def test_a_url_that_cannot_be_probed_is_refused(self):
        for url, why in (("https://localhost", "probes do not speak TLS"), ("tcp://localhost", "give the port"),
                         ("mysql://localhost", "there are probes for http://, tcp://, postgres:// and redis://"),
                         ("http://localhost || exit 1", "words follow the URL")):
            result = self.fails(125, "run", "--rm", "--health-cmd", url, "busybox", "true")
            self.assertIn(why, result.err)

    def test_an_images_url_is_probed_too(self):
        with tempfile.TemporaryDirectory() as directory:
            self.write(directory, {"Dockerfile": "FROM busybox\nHEALTHCHECK --interval=100ms CMD http://localhost:8000/\n"
                                                 "CMD [\"httpd\", \"-f\", \"-p\", \"8000\", \"-h\", \"/www\"]\n"})
            self.run_skiff("build", "-t", "probed", directory)
        self.start("built", "probed")
        self.until("built", "healthy")

    def test_the_docker_cli_and_compose_write_it_the_same_way(self):
        if not shutil.which("docker"):
            self.skipTest("no docker CLI")
        self.remove_later("spoken")
        self.engine.docker("run", "-d", "--name", "spoken", "--health-cmd", "http://localhost:8000/", "--health-interval", "100ms",
                           "--label", f"{LABEL}=restart", "busybox", "httpd", "-f", "-p", "8000", "-h", "/www")
        self.until("spoken", "healthy")
        with tempfile.TemporaryDirectory() as directory:
            self.write(directory, {"compose.yaml": """\
name: probes
services:
  web:
    image: busybox
    command: httpd -f -p 8000 -h /www
    healthcheck: {test: "http://localhost:8000/", interval: 100ms}
  list:
    image: busybox
    command: httpd -f -p 8000 -h /www
    healthcheck: {test: [CMD, "tcp://localhost:8000"], interval: 100ms}
    depends_on: {web: {condition: service_healthy}}
"""})
            self.run_skiff("compose", "up", "-d", "--wait", cwd=directory)
            self.addCleanup(lambda: self.run_skiff("compose", "-p", "probes", "down", "-t", "0"))
            self.assertEqual(self.health("probes-list-1")["Status"], "healthy")


class Beginnings(HealthTest):
    def test_who_was_never_started_has_no_health_yet(self):
        self.remove_later("unborn")
        self.run_skiff("create", "--name", "unborn", *QUICK, "--health-cmd", "true", "busybox", "sleep", "1000")
        self.assertIsNone(self.engine.inspect("unborn")[0]["State"].get("Health"))
        listed = {health: self.run_skiff("ps", "-aq", "--filter", "name=unborn", "--filter", f"health={health}").out != ""
                  for health in ("none", "starting")}
        self.assertEqual(listed, {"none": True, "starting": False})
        self.run_skiff("start", "unborn")
        self.until("unborn", "healthy")


class Consequences(HealthTest):
    def restarts(self, name):
        return self.engine.inspect(name)[0]["RestartCount"]

    def test_an_unhealthy_container_is_restarted(self):
        self.start("sick", "--health-on-failure", "restart", "--health-cmd", "test ! -e /tmp/sick", "busybox", "sh", "-c",
                   "rm -f /tmp/sick; trap exit TERM; sleep 1000 & wait")
        self.until("sick", "healthy")
        self.run_skiff("exec", "sick", "touch", "/tmp/sick")
        eventually(lambda: self.restarts("sick") == 1, what="a restart")
        self.until("sick", "healthy")
        self.assertEqual(self.restarts("sick"), 1)
        self.run_skiff("stop", "sick")
        self.assertEqual(self.engine.inspect("sick")[0]["State"]["Status"], "exited")

    def test_one_that_never_gets_well_is_restarted_no_more_often_than_its_policy_says(self):
        self.start("lost", "--label", f"{LABEL}=restart", "--restart", "on-failure:1", "--health-cmd", "echo no good; false",
                   "busybox", "sleep", "1000")
        ended = eventually(lambda: (s := self.engine.inspect("lost")[0])["State"]["Status"] == "exited" and s, 15, "the end")
        self.assertEqual(ended["RestartCount"], 1)
        self.assertEqual(ended["State"]["Error"], "restarted, it was unhealthy: no good")

    def test_stop_and_kill_are_other_consequences(self):
        self.start("ended", "--health-on-failure", "stop", "--restart", "always", "--health-cmd", "false",
                   "busybox", "sh", "-c", "trap 'exit 7' TERM; sleep 1000 & wait")
        state = eventually(lambda: (s := self.engine.inspect("ended")[0]["State"])["Status"] == "exited" and s, what="the end")
        self.assertEqual((state["ExitCode"], state["Error"]), (7, "stopped, it was unhealthy: its probe said nothing"))
        self.start("killed", "--health-on-failure", "kill", "--health-cmd", "false", "busybox", "sleep", "1000")
        state = eventually(lambda: (s := self.engine.inspect("killed")[0]["State"])["Status"] == "exited" and s, what="the end")
        self.assertEqual(state["ExitCode"], 137)

    def test_what_nobody_knows_is_refused(self):
        result = self.fails(125, "run", "--rm", "--label", f"{LABEL}=reboot", "busybox", "true")
        self.assertIn(f"label {LABEL}: reboot is none of none, restart, kill and stop", result.err)
        self.fails(125, "run", "--rm", "--health-on-failure", "reboot", "busybox", "true")

    def test_the_event_says_what_the_probe_said(self):
        since = str(int(time.time()) - 1)
        self.start("told", "--health-cmd", "echo out of cheese; false", "busybox", "sleep", "1000")
        self.until("told", "unhealthy")
        events = self.run_skiff("events", "--since", since, "--until", str(int(time.time()) + 1), "--filter", "container=told",
                                "--filter", "event=health_status", "--format", "json").out
        event = json.loads(events.splitlines()[-1])
        self.assertEqual((event["Action"], event["Actor"]["Attributes"]["output"]), ("health_status: unhealthy", "out of cheese"))

    def test_compose_says_why_a_dependency_is_not_healthy(self):
        with tempfile.TemporaryDirectory() as directory:
            self.write(directory, {"compose.yaml": """\
name: ill
services:
  db:
    image: busybox
    command: sleep 1000
    healthcheck: {test: "tcp://localhost:5432", interval: 50ms, retries: 1}
  web: {image: busybox, command: sleep 1000, depends_on: {db: {condition: service_healthy}}}
"""})
            self.addCleanup(lambda: self.run_skiff("compose", "-p", "ill", "down", "-t", "0"))
            result = self.fails(1, "compose", "up", "-d", cwd=directory)
            self.assertIn("container ill-db-1 is unhealthy: localhost:5432: connection refused; nothing listens in the container",
                          result.err)


class Databases(unittest.TestCase):
    """The real servers."""

    @classmethod
    def setUpClass(cls):
        cls.engine = Engine().start()
        cls.addClassCleanup(cls.engine.close)
        provide(cls.engine, "redis", "postgres")

    def probed(self, name, url, *arguments):
        self.engine.run("run", "-d", "--name", name, "--health-cmd", url, "--health-interval", "100ms", "--health-timeout", "5s",
                        "--health-start-period", "60s", "--health-start-interval", "100ms", "--health-retries", "2", *arguments)
        self.addCleanup(lambda: self.engine.run("rm", "-f", "-v", name))

    def until(self, name, status):
        health = lambda: self.engine.inspect(name)[0]["State"]["Health"]
        return eventually(lambda: (h := health())["Status"] == status and h, 60, f"{name} {status}")

    def test_postgres_is_healthy_when_it_takes_connections(self):
        self.probed("db", "postgres://localhost", "-e", "POSTGRES_PASSWORD=x", "-e", "POSTGRES_USER=me", "-e", "POSTGRES_DB=notes", "postgres")
        health = self.until("db", "healthy")
        self.assertEqual(health["Log"][-1]["Output"], "localhost:5432 - accepting connections")
        self.engine.run("exec", "db", "psql", "-h", "127.0.0.1", "-U", "me", "notes", "-c", "SELECT 1", check=False)
        # Its log does not complain of the probes.
        said = self.engine.run("logs", "db")
        self.assertNotIn("does not exist", said.out + said.err)

    def test_redis_is_healthy_when_it_says_pong(self):
        self.probed("cache", "redis://localhost", "redis")
        self.assertEqual(self.until("cache", "healthy")["Log"][-1]["Output"], "localhost:6379: PONG")

    def test_redis_gets_its_password(self):
        self.probed("guarded", "redis://:secret@localhost", "redis", "redis-server", "--requirepass", "secret")
        self.until("guarded", "healthy")
        self.engine.run("run", "-d", "--name", "locked", "--health-cmd", "redis://localhost", "--health-interval", "100ms",
                        "--health-retries", "3", "redis", "redis-server", "--requirepass", "secret")
        self.addCleanup(lambda: self.engine.run("rm", "-f", "-v", "locked"))
        self.assertIn("NOAUTH Authentication required", self.until("locked", "unhealthy")["Log"][-1]["Output"])


if __name__ == "__main__":
    unittest.main()
