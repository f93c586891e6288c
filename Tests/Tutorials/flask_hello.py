"""Containerizing Flask: by docker run, then the same as a compose file."""

import pathlib
import shutil

from test_networks import HAS_IPV6

TITLE = "Containerizing Flask"
SPELLS_HYPHEN = True
IMAGES = ("python:3.9",)
TABLE = r"\ACONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES\n"
# As the text prints it, or as other clients write the same two addresses; on a machine without IPv6 there is one.
PORTS = r"0\.0\.0\.0:5000->5000/tcp" + (r", ?(:::|\[::\]:)5000->5000/tcp" if HAS_IPV6 else "")
ROW = r'^([0-9a-f]{12}) +username/flask-helloworld:1\.0 +"python app\.py" +.* ago +'


def follow(t, world):
    t.types("mkdir flask-container && cd flask-container")
    t.types("pwd", r"/flask-container$")
    here = pathlib.Path(t.terminal.cwd)
    for name in ("app.py", "requirements.txt", "Dockerfile"):
        shutil.copy(world.sources / "flask-hello" / name, here)
    with_docker(t)
    t.types("pwd", r"/flask-container$")
    t.types("touch docker-compose.yml")
    t.types("ls", r"\ADockerfile\napp\.py\ndocker-compose\.yml\nrequirements\.txt\n\Z", code=0)
    shutil.copy(world.sources / "flask-hello/docker-compose.yml", here)
    in_the_foreground(t)
    in_the_background(t)
    summary(t)


def curls(t):
    t.types("curl localhost:5000/", r"^Hello, world!$", until=30)
    t.types("curl localhost:5000/Joe", r"^Hello, Joe!$")


def with_docker(t):
    t.types("docker build -t username/flask-helloworld:1.0 .", "Successfully tagged username/flask-helloworld:1.0")
    identity = t.types('docker run --name "flask-helloworld-app" -d -p 5000:5000 username/flask-helloworld:1.0',
                       r"^[0-9a-f]{64}$").split("\n")[-2:][0].strip()[:12]
    t.types("docker ps -a", TABLE, ROW + rf"Up .* {PORTS} +flask-helloworld-app$")
    curls(t)
    served = r"(?s)Serving Flask app 'app'.*Debug mode: on.*\"GET /Joe HTTP/1\.1\" 200"
    t.types('docker logs "your-container-name"', served, fill={"your-container-name": "flask-helloworld-app"}, until=5)
    t.types('docker logs "your-container-ID"', served, fill={"your-container-ID": identity})
    t.types("docker stop a785237628d6", rf"\A{identity}\n\Z", fill={"a785237628d6": identity})
    t.types("docker ps -a", TABLE, ROW + r"Exited \(0\) .* flask-helloworld-app$")
    t.types("docker rm a785237628d6", rf"\A{identity}\n\Z", fill={"a785237628d6": identity})
    t.types("docker ps -a", TABLE, hides=("flask-helloworld",))


def in_the_foreground(t):
    # The printed lines are those of the old docker-compose; the new one says the same otherwise.
    created = ((r'^Creating network "flask-container_default" with the default driver', r"^Creating flask-helloworld-app .*done")
               if t.hyphenated else (r"Network flask-container_default\s+Created", r"Container flask-helloworld-app\s+Created"))
    lines = (r" \* Serving Flask app 'app'", r" \* Debug mode: on", r"WARNING: This is a development server\.",
             r" \* Running on all addresses \(0\.0\.0\.0\)", r" \* Running on http://127\.0\.0\.1:5000",
             r" \* Running on http://\d+\.\d+\.\d+\.\d+:5000", r"Press CTRL\+C to quit", r" \* Restarting with stat",
             r" \* Debugger is active!", r" \* Debugger PIN: [\d-]+")
    with t.holds("docker-compose up", *created, r"^Attaching to flask-helloworld-app$",
                 *(rf"^flask-helloworld-app\s+\| .*{line}" if not line.startswith(" ") else rf"^flask-helloworld-app\s+\| .*{line[1:]}"
                   for line in lines), within=120, after=(r"(Stopping flask-helloworld-app .*done|Container flask-helloworld-app\s+Stopped)",)):
        with t.at(t.other_terminal()):
            curls(t)
    t.types("docker ps -a", TABLE, ROW + r"Exited \(0\) .* flask-helloworld-app$")


def in_the_background(t):
    t.types("docker-compose up -d", r"flask-helloworld-app\b.*([Ss]tarted|done)")
    curls(t)
    t.types("docker-compose ps", rf"flask-helloworld-app .*python app\.py.* Up .*{PORTS}")
    t.types("docker-compose logs", r"flask-helloworld-app\s+\| .*\"GET /Joe HTTP/1\.1\" 200", until=5)
    t.types("docker-compose stop", r"flask-helloworld-app\b.*([Ss]topped|done)")
    t.types("docker-compose ps -a", r"flask-helloworld-app .*(Exited \(0\)|Exit 0)")
    t.types("docker-compose start", r"flask-helloworld-app\b.*[Ss]tarted|flask-app \.\.\. done")
    curls(t)
    t.types("docker-compose restart", r"flask-helloworld-app\b.*([Ss]tarted|done)")
    curls(t)
    t.types("docker-compose stop")
    t.types("docker-compose rm -f", r"flask-helloworld-app\b.*([Rr]emoved|done)")
    t.types("docker-compose ps -a", hides=("flask-helloworld-app",))
    t.types("docker-compose up -d", r"flask-helloworld-app\b.*([Ss]tarted|done)")
    curls(t)
    t.types("docker-compose down", *((r"^Removing flask-helloworld-app .*done", r"^Removing network flask-container_default")
                                     if t.hyphenated else (r"Container flask-helloworld-app\s+Removed",
                                                           r"Network flask-container_default\s+Removed")))


def summary(t):
    """The table of essential commands that ends the text."""
    t.types("docker-compose version", r"version v?\d+\.\d+")
    t.types("docker-compose config", r"^  flask-app:$", r"image: username/flask-helloworld:1\.0", r"container_name: flask-helloworld-app",
            r"target: 5000", r"published: \"?5000")
    t.types("docker-compose config --services", r"^flask-app$")
    t.types("docker-compose build", r"Successfully tagged username/flask-helloworld:1\.0|flask-app\s+Built")
    with t.holds("docker-compose run flask-app", r"Running on http://127\.0\.0\.1:5000", r"Debugger is active", within=60):
        with t.at(t.other_terminal()):
            t.types("docker ps", r"username/flask-helloworld:1\.0 .* flask-container.flask-app.run.[0-9a-f]{12}$")
    t.types("docker-compose run --rm flask-app --version", r"^Python 3\.9\.\d+", tty=True)
    # Compose leaves what `run` has made, and an image that something stands on is kept.
    t.types("docker container prune -f", r"^Deleted Containers:")
    t.types("docker-compose up -d")
    curls(t)
    t.types("docker-compose down --rmi all", r"username/flask-helloworld:1\.0")
    t.types("docker images", hides=("flask-helloworld",))
    t.types("docker ps -a", TABLE, hides=("flask",))
