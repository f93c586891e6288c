"""The stand-ins for base images behave as the images whose names they bear."""

import gzip
import json
import os
import pathlib
import tempfile
import unittest

from engine import Engine, eventually
from standins import provide

NO_PASSWORD = """\
Error: Database is uninitialized and superuser password is not specified.
       You must specify POSTGRES_PASSWORD to a non-empty value for the
       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".

       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all
       connections without a password. This is *not* recommended.

       See PostgreSQL documentation about "trust":
       https://www.postgresql.org/docs/current/auth-trust.html
"""


class StandIn(unittest.TestCase):
    """Tests over an engine that has the images `names`."""

    names = ()

    @classmethod
    def setUpClass(cls):
        if cls is StandIn:
            raise unittest.SkipTest("only what the others have in common")
        cls.engine = Engine().start()
        cls.addClassCleanup(cls.engine.close)
        provide(cls.engine, *cls.names)
        cls.engine.run("network", "create", "net")

    def run_skiff(self, *arguments, **options):
        return self.engine.run(*arguments, **options)

    def start(self, name, *arguments):
        self.addCleanup(lambda: self.run_skiff("rm", "-f", "-v", name, check=False))
        return self.run_skiff("run", "-d", "--name", name, "--network", "net", *arguments).out.strip()

    def inside(self, name, *command, **options):
        return self.run_skiff("exec", name, *command, **options)

    def logs(self, name):
        result = self.run_skiff("logs", name)
        return result.out + result.err

    def await_log(self, name, text, within=60):
        eventually(lambda: text in self.logs(name), within, f"{text!r} in the logs of {name}")

    def exit_code(self, name):
        return self.engine.inspect(name)[0]["State"]["ExitCode"]

    def owner_of_first_process(self, name):
        return self.inside(name, "stat", "-c", "%U", "/proc/1").out.strip()

    def folder(self, files):
        directory = tempfile.TemporaryDirectory(prefix="skiff-test-")
        self.addCleanup(directory.cleanup)
        path = pathlib.Path(directory.name)
        path.chmod(0o755)
        for name, content in files.items():
            (path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
            (path / name).chmod(0o755 if name.endswith(".x.sh") else 0o644)
        return path


class Postgres(StandIn):
    names = ("postgres",)
    ready = "database system is ready to accept connections"

    def start_ready(self, name, *arguments):
        self.start(name, *arguments)
        self.await_log(name, "PostgreSQL init process complete; ready for start up.")
        self.await_port(name)

    def await_port(self, name):
        eventually(lambda: self.inside(name, "pg_isready", "-q", "-h", "127.0.0.1", "-U", "postgres", check=False).code == 0, 30, "PostgreSQL's port")

    def query(self, name, sql, *arguments):
        return self.inside(name, "psql", "-AtX", *arguments, "-c", sql).out.strip()

    def test_without_a_password_it_refuses_in_the_words_that_people_look_up(self):
        result = self.run_skiff("run", "--rm", "postgres", check=False)
        self.assertEqual((result.code, result.out, result.err), (1, "", NO_PASSWORD))

    def test_a_variable_and_its_file_exclude_each_other(self):
        result = self.run_skiff("run", "--rm", "-e", "POSTGRES_USER=a", "-e", "POSTGRES_USER_FILE=/b", "postgres", check=False)
        self.assertEqual(result.code, 1)
        self.assertEqual(result.err, "error: both POSTGRES_USER and POSTGRES_USER_FILE are set (but are exclusive)\n")

    def test_the_cluster_is_made_as_the_variables_say_and_the_scripts_run_once_in_order(self):
        scripts = self.folder({
            "1.sql": "CREATE TABLE steps (name text); INSERT INTO steps VALUES ('sql');",
            "2.sql.gz": gzip.compress(b"INSERT INTO steps VALUES ('gzip');"),
            "3.x.sh": "#!/bin/sh\npsql -U $POSTGRES_USER -d $POSTGRES_DB -c \"INSERT INTO steps VALUES ('executed')\"\n",
            "4.sh": "run_sql -c \"INSERT INTO steps VALUES ('read in')\"\n",
            "5.txt": "no script",
        })
        secret = self.folder({"password": "from the file"})
        self.start_ready("db", "-e", "POSTGRES_PASSWORD_FILE=/run/secrets/password", "-v", f"{secret}:/run/secrets:ro",
                         "-e", "POSTGRES_USER=user", "-e", "POSTGRES_DB=mydb", "-e", "PGDATA=/var/lib/postgresql/data/here",
                         "-v", "db-data:/var/lib/postgresql/data", "-v", f"{scripts}:/docker-entrypoint-initdb.d:ro",
                         "postgres", "-c", "max_connections=17")
        self.addCleanup(lambda: self.run_skiff("volume", "rm", "-f", "db-data", check=False))
        rows = self.query("db", "SELECT name FROM steps", "-U", "user", "mydb").split("\n")
        self.assertEqual(rows, ["sql", "gzip", "executed", "read in"])
        self.assertIn("ignoring /docker-entrypoint-initdb.d/5.txt", self.logs("db"))
        self.assertEqual(self.query("db", "SHOW max_connections", "-U", "user", "mydb"), "17")
        self.assertEqual(self.inside("db", "stat", "-c", "%U %a", "/var/lib/postgresql/data/here").out, "postgres 700\n")
        self.assertEqual(self.owner_of_first_process("db"), "postgres")
        self.only_the_password_opens("db")
        self.the_rows_outlive_the_container("db")

    def only_the_password_opens(self, name):
        def connect(password):
            return self.run_skiff("run", "--rm", "--network", "net", "-e", f"PGPASSWORD={password}", "postgres",
                                  "psql", "-AtX", "-h", name, "-U", "user", "-d", "mydb", "-c", "SELECT 6 * 7", check=False)
        self.assertEqual(connect("from the file").out, "42\n")
        refused = connect("wrong")
        self.assertEqual(refused.code, 2)
        self.assertIn('password authentication failed for user "user"', refused.err)

    def the_rows_outlive_the_container(self, name):
        self.run_skiff("stop", name)
        self.assertEqual(self.exit_code(name), 0, "SIGINT is a fast shutdown")
        self.assertIn("database system is shut down", self.logs(name))
        self.run_skiff("rm", name)
        # Without variables: they count only for an empty directory.
        self.start(name, "-e", "PGDATA=/var/lib/postgresql/data/here", "-v", "db-data:/var/lib/postgresql/data", "postgres")
        self.await_port(name)
        self.assertIn("PostgreSQL Database directory appears to contain a database; Skipping initialization", self.logs(name))
        self.assertEqual(self.query(name, "SELECT count(*) FROM steps", "-U", "user", "mydb"), "4")

    def test_any_user_may_own_the_cluster_also_one_without_a_name(self):
        folder = self.folder({})
        os.chown(folder, 4321, 4321)
        self.start_ready("anyone", "--user", "4321:4321", "-e", "POSTGRES_PASSWORD=x", "-v", f"{folder}:/var/lib/postgresql/data", "postgres")
        self.assertEqual(self.inside("anyone", "stat", "-c", "%u %a", "/var/lib/postgresql/data").out, "4321 700\n")

    def test_a_script_that_fails_ends_the_container(self):
        scripts = self.folder({"1.sql": "SELECT nothing FROM nowhere;"})
        result = self.run_skiff("run", "--rm", "-e", "POSTGRES_PASSWORD=x", "-v", f"{scripts}:/docker-entrypoint-initdb.d:ro",
                                "postgres", check=False)
        self.assertNotEqual(result.code, 0)
        self.assertIn('relation "nowhere" does not exist', result.err)

    def test_trust_is_warned_of_and_lets_in(self):
        self.start_ready("trusting", "-e", "POSTGRES_HOST_AUTH_METHOD=trust", "postgres")
        self.assertIn("POSTGRES_HOST_AUTH_METHOD", self.logs("trusting"))
        self.assertEqual(self.query("trusting", "SELECT 1", "-h", "trusting", "-U", "postgres"), "1")

    def test_other_programs_of_the_image_run_as_they_are(self):
        self.assertRegex(self.run_skiff("run", "--rm", "postgres", "--version").out, r"^postgres \(PostgreSQL\) 15\.")
        self.assertRegex(self.run_skiff("run", "--rm", "postgres", "psql", "--version").out, r"^psql \(PostgreSQL\) 15\.")


class Redis(StandIn):
    names = ("redis", "redis:alpine")

    def client(self, name, *words, **options):
        return self.inside(name, "redis-cli", *words, **options).out.strip()

    def await_redis(self, name):
        eventually(lambda: self.client(name, "ping", check=False) == "PONG", 20, "Redis")

    def test_both_names_are_one_image(self):
        first, second = self.engine.inspect("redis", "redis:alpine")
        self.assertEqual(first["Id"], second["Id"])
        self.assertEqual(first["Config"]["Volumes"], {"/data": {}})
        self.assertEqual(first["Config"]["ExposedPorts"], {"6379/tcp": {}})

    def test_others_on_the_network_reach_it_and_it_is_nobody_special(self):
        self.start("store", "redis")
        self.await_redis("store")
        self.assertEqual(self.owner_of_first_process("store"), "redis")
        other = self.run_skiff("run", "--rm", "--network", "net", "redis", "redis-cli", "-h", "store", "incr", "visits")
        self.assertEqual(other.out, "1\n")

    def test_what_it_holds_is_saved_at_stop(self):
        self.addCleanup(lambda: self.run_skiff("volume", "rm", "-f", "store-data", check=False))
        self.start("store", "-v", "store-data:/data", "redis")
        self.await_redis("store")
        self.client("store", "set", "name", "kept")
        self.run_skiff("stop", "store")
        self.assertEqual(self.exit_code("store"), 0)
        self.assertIn("DB saved on disk", self.logs("store"))
        self.run_skiff("rm", "store")
        self.start("store", "-v", "store-data:/data", "redis:alpine")
        self.await_redis("store")
        self.assertEqual(self.client("store", "get", "name"), "kept")
        self.assertEqual(self.inside("store", "stat", "-c", "%U %a", "/data/dump.rdb").out, "redis 600\n")

    def test_options_alone_are_the_servers(self):
        self.start("store", "redis", "--appendonly", "yes", "--requirepass", "secret")
        eventually(lambda: "PONG" in self.client("store", "-a", "secret", "ping", check=False), 20, "Redis")
        self.assertEqual(self.client("store", "--no-auth-warning", "-a", "secret", "config", "get", "appendonly"), "appendonly\nyes")
        self.assertIn("appendonlydir", self.inside("store", "ls", "/data").out)
        self.assertIn("NOAUTH", self.client("store", "get", "name"))

    def test_a_configuration_file_and_a_user_of_ones_own(self):
        folder = self.folder({"my.conf": "maxmemory 7mb\nprotected-mode no\n"})
        self.start("store", "--user", "4321", "-v", f"{folder}:/etc/redis:ro", "--tmpfs", "/data:mode=1777", "redis", "/etc/redis/my.conf")
        self.await_redis("store")
        self.assertEqual(self.client("store", "config", "get", "maxmemory"), "maxmemory\n7340032")
        self.assertEqual(self.inside("store", "stat", "-c", "%u", "/proc/1").out, "4321\n")


class Nginx(StandIn):
    names = ("nginx", "nginx:alpine")

    def get(self, name, path="/", host="127.0.0.1"):
        return self.inside(name, "curl", "-s", "-m", "5", f"http://{host}{path}", check=False).out

    def test_the_welcome_page_is_served_and_requests_are_logged(self):
        self.start("web", "nginx")
        eventually(lambda: "Welcome to nginx!" in self.get("web"), 20, "the welcome page")
        self.await_log("web", '"GET / HTTP/1.1" 200')
        self.get("web", "/none")
        self.await_log("web", 'open() "/usr/share/nginx/html/none" failed')
        self.assertIn("/docker-entrypoint.sh: Configuration complete; ready for start up", self.logs("web"))

    def test_it_reloads_at_hangup_and_finishes_at_stop(self):
        folder = self.folder({"default.conf": "server { listen 80; return 200 first; }\n"})
        self.start("web", "-v", f"{folder}:/etc/nginx/conf.d", "nginx:alpine")
        eventually(lambda: self.get("web") == "first", 20, "the first answer")
        (folder / "default.conf").write_text("server { listen 80; return 200 second; }\n")
        self.run_skiff("kill", "-s", "HUP", "web")
        eventually(lambda: self.get("web") == "second", 20, "the second answer")
        (folder / "default.conf").write_text("server { listen nowhere }\n")
        broken = self.inside("web", "nginx", "-t", check=False)
        self.assertEqual(broken.code, 1)
        self.assertIn("nginx: configuration file /etc/nginx/nginx.conf test failed", broken.err)
        self.assertEqual(self.engine.inspect("web")[0]["Config"]["StopSignal"], "SIGQUIT")
        self.run_skiff("stop", "web")
        self.assertEqual(self.exit_code("web"), 0)
        self.assertIn("signal 3 (SIGQUIT)", self.logs("web"))

    def test_templates_are_filled_in_from_the_environment_and_nginx_variables_stay(self):
        folder = self.folder({"site.conf.template": "server { listen ${PORT}; return 200 \"$NAME at $uri\"; }\n"})
        self.start("web", "-v", f"{folder}:/etc/nginx/templates:ro", "-e", "PORT=8080", "-e", "NAME=template", "nginx")
        eventually(lambda: self.get("web", "/here", "127.0.0.1:8080") == "template at /here", 20, "the answer of the template")
        self.assertIn("20-envsubst-on-templates.sh: Running envsubst on /etc/nginx/templates/site.conf.template to "
                      "/etc/nginx/conf.d/site.conf", self.logs("web"))

    def test_scripts_run_before_it_and_one_that_fails_ends_the_container(self):
        folder = self.folder({"10-hello.x.sh": "#!/bin/sh\necho hello from $0\n", "20-fails.x.sh": "#!/bin/sh\nexit 7\n", "30.sh": ""})
        result = self.run_skiff("run", "--rm", "-v", f"{folder}:/docker-entrypoint.d:ro", "nginx", check=False)
        self.assertEqual(result.code, 7, result)
        self.assertIn("hello from /docker-entrypoint.d/10-hello.x.sh", result.out)
        tested = self.run_skiff("run", "--rm", "-e", "NGINX_ENTRYPOINT_QUIET_LOGS=1", "nginx", "nginx", "-t")
        self.assertEqual(tested.out, "")
        self.assertIn("nginx: configuration file /etc/nginx/nginx.conf test is successful", tested.err)


class Python(StandIn):
    names = ("python:3.9-slim", "python:3.11-slim", "python:3.13-slim-bullseye")

    def test_python_and_pip_are_of_the_version_that_the_name_says(self):
        for version in ("3.9", "3.11", "3.13"):
            name = next(name for name in self.names if name.startswith(f"python:{version}-"))
            with self.subTest(name):
                result = self.run_skiff("run", "--rm", name, "sh", "-c", "python --version; python3 --version; pip --version; which python pip")
                lines = result.out.splitlines()
                self.assertEqual(result.err, "")
                self.assertEqual(lines[0], lines[1])
                self.assertTrue(lines[0].startswith(f"Python {version}."), lines)
                self.assertIn(f"(python {version})", lines[2])
                self.assertEqual(lines[3:], ["/usr/local/bin/python", "/usr/local/bin/pip"])
                self.assertIn(f"PYTHON_VERSION={lines[0].split()[1]}", self.engine.inspect(name)[0]["Config"]["Env"])

    def test_pip_installs_to_where_python_and_the_shell_look(self):
        for name in self.names:
            with self.subTest(name):
                context = self.folder({"Dockerfile": f"FROM {name}\nRUN pip install --no-cache-dir iniconfig tabulate\n"})
                self.run_skiff("build", "-t", "installed", str(context), timeout=300)
                result = self.run_skiff("run", "--rm", "installed", "sh", "-c",
                                        "python -c 'import iniconfig; print(iniconfig.__file__)'; which tabulate; "
                                        "python -m venv /v && /v/bin/python -c 'import sys; print(sys.prefix)'")
                self.assertRegex(result.out, r"^/usr/local/lib/python3\.\d+/(site|dist)-packages/iniconfig/__init__.py\n"
                                             r"/usr/local/bin/tabulate\n/v\n$")

    def test_the_slim_one_of_3_9_compiles_against_python_and_postgresql(self):
        result = self.run_skiff("run", "--rm", "python:3.9-slim", "sh", "-c",
                                "pg_config --version && printf '#include <Python.h>\\n#include <libpq-fe.h>\\n' | "
                                "gcc -E $(python3-config --includes) -I$(pg_config --includedir) - >/dev/null && echo compiles")
        self.assertRegex(result.out, r"^PostgreSQL 13\.\d+.*\ncompiles\n$")


class FastAPI(StandIn):
    names = ("tiangolo/uvicorn-gunicorn-fastapi:python3.8-slim",)

    def start_app(self, name, *arguments):
        self.start(name, *arguments)

    def get(self, name, port=80):
        program = f"import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:{port}/', timeout=5).read().decode())"
        return self.inside(name, "python", "-c", program, check=False).out.strip()

    def settings(self, name):
        return next(json.loads(line) for line in self.logs(name).splitlines() if line.startswith("{"))

    def workers(self, name):
        return self.logs(name).count("Booting worker with pid")

    def test_its_own_application_answers_and_a_number_of_workers_serves_it(self):
        image = self.names[0]
        self.start("app", "-e", "WEB_CONCURRENCY=3", image)
        eventually(lambda: "Hello world! From FastAPI running on Uvicorn with Gunicorn." in self.get("app"), 30, "the application")
        # The first of them answers before the last has said that it is there.
        eventually(lambda: self.workers("app") >= 3, 10, "the third worker")
        self.assertEqual(self.workers("app"), 3)
        self.assertEqual(self.settings("app")["bind"], "0.0.0.0:80")
        self.assertIn("There is no script /app/prestart.sh", self.logs("app"))
        config = self.engine.inspect(image)[0]["Config"]
        self.assertEqual((config["Cmd"], config["WorkingDir"].rstrip("/")), (["/start.sh"], "/app"))
        self.assertIn("PYTHONPATH=/app", config["Env"])

    def test_an_application_in_a_package_with_a_script_to_run_before(self):
        package = self.folder({"main.py": "from fastapi import FastAPI\nother = FastAPI()\n\n@other.get('/')\ndef root():\n    return 'package'\n"})
        script = self.folder({"before.sh": "echo prepared\n"})
        self.start("app", "-v", f"{package}:/app/app:ro", "-v", f"{script}:/before:ro", "-e", "PRE_START_PATH=/before/before.sh",
                   "-e", "VARIABLE_NAME=other", "-e", "PORT=8000", "-e", "MAX_WORKERS=1", "-e", "LOG_LEVEL=warning", self.names[0])
        eventually(lambda: self.get("app", 8000) == '"package"', 30, "the application")
        self.assertIn("Running script /before/before.sh\nprepared\n", self.logs("app"))
        self.assertEqual(self.settings("app")["workers"], 1)

    def test_a_changed_file_is_loaded_anew(self):
        source = "from fastapi import FastAPI\napp = FastAPI()\n\n@app.get('/')\ndef root():\n    return '%s'\n"
        folder = self.folder({"main.py": source % "first"})
        self.start("app", "-v", f"{folder}:/app", self.names[0], "/start-reload.sh")
        eventually(lambda: self.get("app") == '"first"', 30, "the first answer")
        (folder / "main.py").write_text(source % "second")
        eventually(lambda: self.get("app") == '"second"', 30, "the second answer")


class Small(StandIn):
    names = ("busybox", "hello-world")

    def test_busybox_has_its_applets_its_users_and_a_shell(self):
        self.assertEqual(self.engine.inspect("busybox")[0]["Config"]["Cmd"], ["sh"])
        script = "for tool in ls ps nc wget vi awk httpd nslookup tar top env; do which $tool || exit 1; done >/dev/null; id -un; ls -ld /tmp | cut -c1-10"
        self.assertEqual(self.run_skiff("run", "--rm", "busybox", "sh", "-c", script).out, "root\ndrwxrwxrwt\n")
        self.assertEqual(self.run_skiff("run", "--rm", "-u", "www-data", "busybox", "id", "-u").out, "33\n")
        self.assertEqual(self.run_skiff("run", "-i", "--rm", "busybox", input=b"echo from standard input\n").out, "from standard input\n")
        self.start("web", "busybox", "sh", "-c", "echo served > /var/www/index.html; httpd -f -h /var/www")
        eventually(lambda: self.run_skiff("run", "--rm", "--network", "net", "busybox", "wget", "-qO-", "http://web/", check=False).out == "served\n",
                   20, "the answer by name")

    def test_a_container_without_tools_is_looked_at_with_it(self):
        context = self.folder({"Dockerfile": "FROM busybox AS b\nFROM scratch\nCOPY --from=b /bin/busybox /busybox\nCMD [\"/busybox\", \"sleep\", \"1000\"]\n"})
        self.run_skiff("build", "-t", "bare", str(context))
        self.start("bare", "bare")
        self.assertIn("/busybox sleep 1000", self.run_skiff("debug", "bare", "ps").out)

    def test_hello_world_says_that_everything_works_and_what_it_is(self):
        said = self.run_skiff("run", "--rm", "hello-world").out
        self.assertIn("This message shows that your installation appears to be working correctly.\n", said)
        self.assertIn("stand-in", said)
