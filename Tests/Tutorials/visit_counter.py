"""Python Flask Redis Multicontainer App: three replicas behind nginx count in Redis."""

TITLE = "Python Flask Redis Multicontainer App"
SPELLS_HYPHEN = True
IMAGES = ("python:3.11", "redis:alpine", "nginx:alpine")
NAME = "python-flask-redis-multicontainer-app"
URL = "https://github.com/sohailsajid79/python-flask-redis-multicontainer-app.git"
UPDATED = r"([Ss]tarted|[Rr]unning|done)"


def follow(t, world):
    t.types(f"git clone {URL}", fill={URL: world.repository("visit-counter", NAME)})
    t.types(f"cd {NAME}")
    t.types("docker info", r"^ ?Server Version: \S", r"^ ?Storage Driver: \S", r"^ ?Images: \d+")
    t.types("docker-compose up -d", rf"{NAME}.redis.1\b.*{UPDATED}", rf"{NAME}.flask.3\b.*{UPDATED}", rf"{NAME}.nginx.1\b.*{UPDATED}")
    counts(t)
    scale(t)
    t.types("docker build -t <image_name> .", r"Successfully tagged visit-counter:latest", fill={"<image_name>": "visit-counter"})
    survives(t)
    port_usage(t)


def counts(t, first=1):
    t.types("curl -sS http://localhost/", "Welcome to the visit counter", until=60)
    for visit in (first, first + 1):
        t.types("curl -sS http://localhost/count", rf"visited {visit} times")


def scale(t):
    attached = rf"Attaching to .*{NAME}.*flask.*|Attaching to .*flask.*"
    with t.holds("docker-compose up --build --scale flask=3", attached, within=300):
        with t.at(t.other_terminal()):
            counts(t, first=3)
            shown = t.types("docker ps", r"\ACONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES\n",
                            r"redis:alpine .*0\.0\.0\.0:6379->6379/tcp.* \S+redis.1$", r"nginx:alpine .*0\.0\.0\.0:80->80/tcp.* \S+nginx.1$")
            t.checks("docker ps: three replicas, each with a port of its own",
                     len({line.split("->5000/tcp")[0].rsplit(":", 1)[1] for line in shown.splitlines() if "->5000/tcp" in line}) == 3, shown)


def survives(t):
    t.types("docker-compose down", r"[Nn]etwork .*_default", hides=("redis-data",))
    t.types("docker ps -a", hides=(NAME,))
    t.types("docker-compose up -d")
    counts(t, first=5)
    t.types("docker-compose down -v", r"[Vv]olume \S*_redis-data")
    t.types("docker-compose up -d")
    counts(t, first=1)
    t.types("docker-compose down -v")


def port_usage(t):
    """The last two rows of the text's table: who has the port, and out with him."""
    with t.holds("python -u -m http.server 80", "Serving HTTP", code=(137, -9, 1, 0)):
        with t.at(t.other_terminal()):
            t.types("docker-compose up -d", r"0\.0\.0\.0:80\b.*(address already in use|port is already allocated)", code=1)
            t.types("docker-compose ps -a", r"nginx.1", code=0)
            shown = t.types("lsof -i :<port>", r"^COMMAND +PID", r"^python\S* +\d+ ", fill={"<port>": "80"})
            pids = [line.split()[1] for line in shown.splitlines() if line.startswith("python") and "LISTEN" in line]
            t.types("kill -9 <PID>", fill={"<PID>": pids[0] if pids else "no-pid"})
            t.types("docker-compose up -d", rf"nginx.1\b.*{UPDATED}")
            counts(t)
            t.types("lsof -i :<port>", r"^COMMAND +PID", r"^skiff-shi +\d+ .*LISTEN", fill={"<port>": "80"})
    t.types("docker-compose down -v")
