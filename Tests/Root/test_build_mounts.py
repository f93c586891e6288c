"""RUN --mount: files of contexts and stages, caches, memory, and secrets that nothing keeps."""

import pathlib
import shutil
import socket
import subprocess
import tempfile
import unittest

from engine import SKIFF, eventually
from fixtures import EngineTest

SECRET = "hunter2-is-nowhere-else"


# SSH_AGENTC_REQUEST_IDENTITIES: an agent without keys answers SSH_AGENT_IDENTITIES_ANSWER (12) and the number 0.
AGENT_ANSWER = "000000050c00000000"


def begin_agent(test, socket):
    """Runs an ssh agent without keys at `socket` until the test has ended."""
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    test.addCleanup(agent.wait, 10)
    test.addCleanup(agent.terminate)
    eventually(pathlib.Path(socket).exists, 10, "the agent's socket")


def make_agent_question(place):
    """A static program `ask` in `place` that asks the agent at its argument for its keys and prints the answer."""
    source = place / "ask.c"
    source.write_text(r"""
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
int main(int count, char **words) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, words[1], sizeof address.sun_path - 1);
  int agent = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(agent, (struct sockaddr *)&address, sizeof address)) { perror(words[1]); return 1; }
  unsigned char answer[9];
  if (write(agent, "\0\0\0\1\13", 5) != 5) return 2;
  for (int have = 0; have < 9;) {
    int some = read(agent, answer + have, 9 - have);
    if (some <= 0) { puts("no answer"); return 3; }
    have += some;
  }
  for (int place = 0; place < 9; place++) printf("%02x", answer[place]);
  puts("");
}
""")
    subprocess.run(["cc", "-static", "-o", str(place / "ask"), str(source)], check=True)


class MountTest(EngineTest):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="skiff-test-")
        self.addCleanup(directory.cleanup)
        self.place = pathlib.Path(directory.name)

    def build(self, dockerfile, *options, check=True, files=None, **others):
        for name, text in {"Dockerfile": dockerfile, **(files or {})}.items():
            (self.place / name).write_text(text)
        return self.engine.run("build", "-t", "app", *options, str(self.place), check=check, **others)

    def shows(self, *command):
        return self.engine.run("run", "--rm", "app", *command).out


class Files(MountTest):
    def test_a_file_of_the_context_is_there_for_the_step_and_counts_for_the_cache(self):
        dockerfile = "FROM busybox\nRUN --mount=target=/mnt/one,source=one cat /mnt/one > /seen; ! echo x > /mnt/one\n"
        self.build(dockerfile, files={"one": "first\n"})
        self.assertEqual(self.shows("cat", "/seen"), "first\n")
        self.assertIn("Using cache", self.build(dockerfile).out)
        self.build(dockerfile, files={"one": "second\n"})
        self.assertEqual(self.shows("cat", "/seen"), "second\n")
        # What was made to be mounted on is no part of the image.
        self.assertEqual(self.engine.run("run", "--rm", "app", "ls", "-d", "/mnt", check=False).code, 1)

    def test_what_a_step_writes_to_a_bind_mount_is_thrown_away(self):
        made = self.build("FROM busybox\nWORKDIR /w\nRUN --mount=target=in,rw echo more >> in/one && cat in/one\n"
                          "RUN --mount=target=/w/in cat /w/in/one\n", files={"one": "once\n"})
        self.assertIn("once\nmore\n", made.out)
        self.assertEqual(made.out.count("more\n"), 1)
        self.assertEqual((self.place / "one").read_text(), "once\n")

    def test_files_of_a_stage_and_of_an_image(self):
        self.build("FROM busybox AS made\nRUN mkdir /out /deep && echo built > /out/file && ln -s /out/file /out/link && chown 33 /out/file\n"
                   "RUN echo later > /deep/other\n"
                   "FROM busybox\nARG from=/out\nRUN --mount=type=bind,from=made,target=/m cat /m/out/file /m/deep/other > /seen\n"
                   "RUN --mount=from=made,source=$from,target=/m cat /m/file >> /seen && stat -c %u /m/file >> /seen\n"
                   "RUN --mount=from=made,source=/out/file,target=/m/copy,rw echo x >> /m/copy && cat /m/copy >> /seen\n"
                   "RUN --mount=from=busybox,source=www,target=/m cat /m/index.html >> /seen\n")
        self.assertEqual(self.shows("cat", "/seen"), "built\nlater\nbuilt\n33\nbuilt\nx\nhello from busybox\n")
        self.assertEqual(self.engine.run("run", "--rm", "app", "ls", "-d", "/m", check=False).code, 1)

    def test_memory_is_limited_and_gone(self):
        made = self.build("FROM busybox\nRUN --mount=type=tmpfs,target=/t,size=1m ! dd if=/dev/zero of=/t/x bs=1024 count=2000 && ls /t\n")
        self.assertIn("\nx\n", made.out)
        self.assertEqual(self.engine.run("run", "--rm", "app", "ls", "/t", check=False).code, 1)

    def test_a_mount_that_is_none_is_refused_with_its_line(self):
        made = self.build("FROM busybox\nRUN --mount=type=nfs,target=/x true\n", check=False)
        self.assertIn('unsupported mount type "nfs"', made.err)
        made = self.build("FROM busybox\nRUN --mount=source=nowhere,target=/x true\n", check=False)
        self.assertIn("RUN --mount", made.err)


class Caches(MountTest):
    def test_a_cache_outlives_its_build_with_its_owner_and_its_beginning(self):
        line = "RUN --mount=type=cache,id={0},target=/c,uid=33,gid=44,mode=0700 date +%N >> /c/log; stat -c '%u %g %a' /c; wc -l < /c/log\n"
        name = self.place.name
        self.assertIn("33 44 700\n1\n", self.build("FROM busybox\n" + line.format(name)).out)
        self.assertIn("33 44 700\n2\n", self.build("FROM busybox\nENV other=1\n" + line.format(name)).out)
        self.assertEqual(self.engine.run("run", "--rm", "app", "ls", "/c", check=False).code, 1)
        made = self.build("FROM busybox AS seed\nRUN mkdir /s && echo seed > /s/file\nFROM busybox\n"
                          f"RUN --mount=type=cache,id={name}2,from=seed,source=/s,target=/c cat /c/file\n")
        self.assertIn("\nseed\n", made.out)

    def test_a_locked_cache_has_one_user_at_a_time(self):
        name = self.place.name
        step = (f"FROM busybox\nENV n={{}}\nRUN --mount=type=cache,id={name},target=/c,sharing=locked "
                "[ ! -e /c/busy ] && touch /c/busy && sleep 0.3 && rm /c/busy\n")
        builds = []
        for number in range(3):
            place = self.place / str(number)
            place.mkdir()
            (place / "Dockerfile").write_text(step.format(number))
            builds.append(self.engine.begin("build", "-t", f"locked{number}", str(place)))
        for build in builds:
            out, err = build.communicate(timeout=60)
            self.assertEqual(build.returncode, 0, (out, err))


class Secrets(MountTest):
    def nowhere(self):
        """The secret is in no file of the engine, of the image or of memory that outlives the step."""
        found = subprocess.run(["grep", "-rlF", SECRET, str(self.engine.directory)], stdout=subprocess.PIPE).stdout.decode()
        self.assertEqual(found, "")
        for place in ("/run", "/dev/shm"):
            for left in pathlib.Path(place).glob("skiff-builds-*/*"):
                self.assertNotIn("secret", left.name)
        self.assertNotIn(SECRET, self.engine.run("history", "--no-trunc", "app").out + self.engine.run("inspect", "app").out)
        self.assertNotIn(SECRET, self.engine.log())

    def test_a_file_is_there_for_the_step_alone(self):
        dockerfile = ("FROM busybox\nRUN --mount=type=secret,id=pass sha256sum /run/secrets/pass > /sum; stat -c '%u %g %a' /run/secrets/pass\n"
                      "RUN --mount=type=secret,id=pass,target=/etc/other,mode=0444,uid=33,required stat -c '%u %g %a' /etc/other\n"
                      "RUN [ ! -e /run/secrets ] && [ ! -e /etc/other ]\n")
        (self.place / "value").write_text(SECRET)
        made = self.build(dockerfile, "--secret", f"id=pass,src={self.place}/value")
        self.assertIn("0 0 400\n", made.out)
        self.assertIn("33 0 444\n", made.out)
        expected = subprocess.run(["sha256sum", str(self.place / "value")], stdout=subprocess.PIPE).stdout.split()[0].decode()
        self.assertIn(expected, self.shows("cat", "/sum"))
        self.assertEqual(self.engine.run("run", "--rm", "app", "ls", "/run", check=False).code, 1)
        self.nowhere()
        # Its value counts for nothing in the cache, as with BuildKit.
        (self.place / "value").write_text("another")
        self.assertEqual(self.build(dockerfile, "--secret", f"id=pass,src={self.place}/value").out.count("Using cache"), 3)

    def test_a_variable_is_there_for_the_step_alone(self):
        made = self.build("FROM busybox\nRUN --mount=type=secret,id=pass,env=PASS test -n \"$PASS\" && echo ${#PASS} && [ ! -e /run/secrets ]\n"
                          "RUN [ -z \"$PASS\" ]\n", "--secret", "id=pass,env=GIVEN", environment={"GIVEN": SECRET})
        self.assertIn(f"\n{len(SECRET)}\n", made.out)
        self.nowhere()

    def test_while_the_step_runs_the_secret_is_in_memory_only(self):
        (self.place / "Dockerfile").write_text(
            "FROM busybox\nRUN --mount=type=secret,id=pass,env=PASS,target=/s echo waiting; sleep 60\n")
        build = subprocess.Popen(
            [SKIFF, "build", "--secret", "id=pass,env=GIVEN", str(self.place)], env=self.engine.variables({"GIVEN": SECRET}),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(build.stdout.close)
        self.assertIn(b"waiting\n", iter(build.stdout.readline, b""))
        found = subprocess.run(["grep", "-rlF", "-D", "skip", SECRET, str(self.engine.directory)], stdout=subprocess.PIPE).stdout.decode()
        self.assertEqual(found, "")
        build.kill()
        build.communicate()
        eventually(lambda: not list(pathlib.Path("/run").glob("skiff-builds-*/*")), 20, "the end of the step")

    def test_what_is_missing_fails_where_it_must(self):
        made = self.build("FROM busybox\nRUN --mount=type=secret,id=pass,required true\n", check=False)
        self.assertIn("secret pass: not found", made.err)
        self.build("FROM busybox\nRUN --mount=type=secret,id=pass [ ! -e /run/secrets/pass ]\n")
        made = self.build("FROM busybox\n", "--secret", "id=pass,src=/nowhere", check=False)
        self.assertIn("secret pass: open /nowhere", made.err)

    def test_compose_gives_its_secrets(self):
        (self.place / "value").write_text(SECRET)
        (self.place / "Dockerfile").write_text(
            "FROM busybox\nRUN --mount=type=secret,id=one,required --mount=type=secret,id=two,required wc -c /run/secrets/one /run/secrets/two > /sizes\n")
        (self.place / "compose.yaml").write_text(
            "services:\n  web:\n    image: app\n    build:\n      context: .\n      secrets:\n        - one\n        - {source: other, target: two}\n"
            "secrets:\n  one:\n    file: ./value\n  other:\n    environment: GIVEN\n")
        self.engine.run("compose", "build", cwd=self.place, environment={"GIVEN": SECRET})
        self.assertEqual(self.shows("cat", "/sizes").split()[0::2], [str(len(SECRET)), str(len(SECRET)), str(2 * len(SECRET))])
        self.nowhere()


@unittest.skipUnless(shutil.which("ssh-agent"), "it needs ssh-agent")
class Agents(MountTest):
    """An agent of the client's answers in a step, as long as the step runs."""

    def setUp(self):
        super().setUp()
        self.socket = self.place / "agent.sock"
        begin_agent(self, self.socket)

    def build(self, dockerfile, *options, socket=None, **others):
        return super().build(dockerfile, *options, environment={"SSH_AUTH_SOCK": str(socket or self.socket)}, **others)

    answer = AGENT_ANSWER

    def step(self, options="", command=None):
        return f"FROM busybox\nCOPY ask /ask\nRUN --mount=type=ssh{options} {command or '/ask $SSH_AUTH_SOCK'}\n"

    def asking(self):
        make_agent_question(self.place)

    def test_it_answers_a_step_and_is_gone_after_the_build(self):
        self.asking()
        made = self.build(self.step(command="/ask $SSH_AUTH_SOCK && /ask /run/buildkit/ssh_agent.0 && echo $SSH_AUTH_SOCK"), "--ssh", "default")
        self.assertEqual(made.out.count(self.answer), 2, made)
        self.assertIn("/run/buildkit/ssh_agent.0", made.out)
        # Neither socket nor variable is in the image.
        self.assertEqual(self.engine.run("run", "--rm", "app", "ls", "/run/buildkit", check=False).code, 1)
        self.assertNotIn("SSH_AUTH_SOCK", self.shows("env"))
        self.assertEqual(list((self.engine.directory / "data/tmp").glob("build-*")), [])
        with open("/proc/net/unix") as table:
            self.assertNotIn("/agent-", table.read())

    def test_several_processes_use_several_agents_at_once(self):
        self.asking()
        other = self.place / "other.sock"
        begin_agent(self, other)
        command = "--mount=type=ssh,id=other,target=/other,mode=0666 for n in 1 2 3 4 5 6 7 8 9 10; do /ask $SSH_AUTH_SOCK & /ask /other & done; wait"
        made = self.build(self.step(command=command), "--ssh", "default", "--ssh", f"other={other}")
        self.assertEqual(made.out.count(self.answer), 20, made)

    def test_an_agent_that_goes_is_an_end_for_the_step_alone(self):
        self.asking()
        gone = self.place / "gone.sock"
        with socket.socket(socket.AF_UNIX) as closed:
            closed.bind(str(gone))
        made = self.build(self.step(command="! /ask $SSH_AUTH_SOCK"), "--ssh", f"default={gone}")
        self.assertIn("no answer", made.out)

    def test_what_is_missing_is_said(self):
        self.asking()
        self.assertIn("ssh agent default: not found: lend it with --ssh default", self.build(self.step(",required"), check=False).err)
        self.build(self.step(command="[ -z \"$SSH_AUTH_SOCK\" ]"))
        self.assertIn("is no agent's socket", self.build(self.step(), "--ssh", f"id={self.place}/ask", check=False).err)
        self.assertIn("ssh agent id:", self.build(self.step(), "--ssh", "id=/nowhere", check=False).err)

    def test_nobody_else_stands_in_for_an_agent(self):
        status = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--unix-socket", str(self.engine.socket), "-X", "POST",
                                 "http://localhost/build/agent?token=" + "0" * 64 + "&id=default"], stdout=subprocess.PIPE).stdout
        self.assertEqual(status, b"404")

    def test_compose_lends_them(self):
        self.asking()
        (self.place / "Dockerfile").write_text(self.step(command="/ask $SSH_AUTH_SOCK > /answer"))
        (self.place / "compose.yaml").write_text("services:\n  web:\n    image: app\n    build:\n      context: .\n      ssh: [default]\n")
        self.engine.run("compose", "build", cwd=self.place, environment={"SSH_AUTH_SOCK": str(self.socket)})
        self.assertEqual(self.shows("cat", "/answer"), self.answer + "\n")


if __name__ == "__main__":
    unittest.main()
