"""The slips of a learner: docker's exit code, and a line that says what is wrong. Tried on dockerd 20.10 first."""

import socket

from fixtures import busybox_tar

TITLE = "The slips of a learner"
SPELLS_HYPHEN = False
IMAGES = ()

COMPOSE = "services:\n  web:\n    build: .\n    command: httpd -f -h /www\n    ports:\n      - '8000:80'\n"
FILES = {
    "app/Dockerfile": "FROM busybox\nCMD [\"sleep\", \"1000\"]\n",
    "app/docker-compose.yml": COMPOSE,
    "tab/docker-compose.yml": "services:\n  web:\n\timage: busybox\n",
    "indent/docker-compose.yml": "services:\n  web:\n    image: busybox\n   ports: []\n",
    "misspelt/docker-compose.yml": "services:\n  web:\n    imagee: busybox\n",
    "no-requirements/Dockerfile": "FROM busybox\nCOPY requirements.txt /app/requirements.txt\n",
    "instruction/Dockerfile": "FROM busybox\nCOPPY . /app\n",
    "run/Dockerfile": "FROM busybox\nRUN pip install -r requirements.txt\n",
}
SAYS_NO = r"^(docker: )?Error response from daemon: "
# Directory, command, exit code, the line.
SLIPS = (
    # The wrong directory.
    ("home", "docker build -t my-python-app .", 1, r"(lstat .*/|open )Dockerfile: no such file or directory"),
    ("home", "docker compose up -d", 1, r"^no configuration file provided: not found$"),
    ("home", "docker compose build", 1, r"^no configuration file provided: not found$"),
    ("app", "docker compose -f compose.prod.yml up -d", 1, r"^open .*/compose\.prod\.yml: no such file or directory$"),
    ("app", "docker build -t my-python-app ap", 1, r'unable to prepare context: path "ap" not found'),
    # A file that is wrong.
    ("tab", "docker compose up -d", 1, r"yaml: line 3: found (a tab character|character that cannot start any token)|line 2: found a tab"),
    ("indent", "docker compose up -d", 1, r"yaml: line \d+: did not find expected"),
    ("misspelt", "docker compose up -d", 1, r"imagee"),
    ("no-requirements", "docker build -t my-python-app .", 1,
     r"COPY failed: file not found in build context or excluded by \.dockerignore: stat requirements\.txt: file does not exist"),
    ("instruction", "docker build -t my-python-app .", 1, r"[Dd]ockerfile parse error.* line 2: unknown instruction: COPPY"),
    ("run", "docker build -t my-python-app .", 127, r"The command '/bin/sh -c pip install -r requirements\.txt' returned a non-zero code: 127"),
    # A name that is wrong.
    ("app", "docker build -t My-Python-App .", 125, r"must be lowercase"),
    ("app", "docker run My-Python-App", 125, r"invalid reference format: repository name .*must be lowercase"),
    ("app", "docker tag busybox My-App", 1, r"must be lowercase"),
    ("app", "docker compose up -d wbe", 1, r"^no such service: wbe$"),
    ("app", "docker compose logs wbe", 1, r"^no such service: wbe$"),
    ("app", "docker compose stop wbe", 1, r"^no such service: wbe$"),
    ("app", "docker compose run wbe", 1, r"^no such service: wbe$"),
    ("app", "docker compose exec web ls", 1, r'^service "web" is not running$'),
    ("app", "docker compose up -d --scale wbe=3", 1, r"^no such service: wbe: not found$"),
    ("app", "docker stop flask-app", 1, SAYS_NO + r"No such container: flask-app$"),
    ("app", "docker rm flask-app", 1, SAYS_NO + r"No such container: flask-app$"),
    ("app", "docker logs flask-app", 1, SAYS_NO + r"No such container: flask-app$"),
    ("app", "docker start flask-app", 1, SAYS_NO + r"No such container: flask-app$"),
    ("app", "docker exec flask-app ls", 1, SAYS_NO + r"No such container: flask-app$"),
    ("app", "docker inspect flask-app", 1, r"^(E|e)rror: (N|n)o such object: flask-app$"),
    ("app", "docker rmi flask-image", 1, SAYS_NO + r"No such image: flask-image:latest$"),
    ("app", "docker tag flask-image x", 1, SAYS_NO + r"No such image: flask-image:latest$"),
    ("app", "docker push username/flask-image", 1, r"An image does not exist locally with the tag: username/flask-image$"),
    # A command or a flag that is wrong.
    ("app", "docker rum busybox", 1, r"^(docker|skiff): unknown command: \1 rum|^docker: 'rum' is not a docker command\."),
    ("app", "docker compose upp", 1, r'unknown (docker )?command: "?(compose upp|docker compose upp)'),
    ("app", "docker run --nmae x busybox", 125, r"^unknown flag: --nmae$"),
    ("app", "docker compose up --detatch", 1, r"^unknown flag: --detatch$"),
    ("app", "docker build", 1, r"'(docker|skiff) build' requires 1 argument|\"docker build\" requires exactly 1 argument"),
    ("app", "docker run", 1, r"'(docker|skiff) run' requires at least 1 argument|\"docker run\" requires at least 1 argument"),
    ("app", "docker run -p abc:80 busybox", 125, r"invalid hostPort: abc"),
    ("app", "docker run --rm busybox pythn app.py", 127, r'exec: "pythn": executable file not found in \$PATH'),
    # What is there already.
    ("app", "docker run -d --name taken busybox sleep 1000", 0, r"^[0-9a-f]{64}$"),
    ("app", "docker run -d --name taken busybox sleep 1000", 125,
     r'Conflict\. The container name "/taken" is already in use by container "[0-9a-f]{64}"\. You have to remove \(or rename\)'),
    ("app", "docker rm taken", 1, r'cannot remove container "/taken": container is running: stop the container before removing or force remove'),
    ("app", "docker rmi busybox", 1, r"conflict: unable to remove repository reference \"busybox\" \(must force\) - container [0-9a-f]{12} is using"),
    ("app", "docker run -d --name first -p 4000:80 busybox sleep 1000", 0, r"^[0-9a-f]{64}$"),
    ("app", "docker run -d --name second -p 4000:80 busybox sleep 1000", 125,
     r"driver failed programming external connectivity on endpoint second .*Bind for 0\.0\.0\.0:4000 failed: port is already allocated"),
    ("app", "docker rm -f taken first second", 0, r"^second$"),
)


def follow(t, world):
    home = world.directory("slips")
    (home / "home").mkdir()
    for name, content in FILES.items():
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_text(content)
    world.first.run("import", "-", "busybox", input=busybox_tar())
    for directory, command, code, line in SLIPS:
        with t.at(t.other_terminal(home / directory)):
            t.types(command, line, code=code, within=60)
    with t.at(t.other_terminal(home / "app")):
        port_of_another_program(t)


def port_of_another_program(t):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("0.0.0.0", 8000))
        other.listen()
        t.types("docker run --rm -p 8000:80 busybox true", r"listen tcp4 0\.0\.0\.0:8000: bind: address already in use", code=125)
        t.types("docker compose up -d", r"listen tcp4 0\.0\.0\.0:8000: bind: address already in use", code=1)
    t.types("docker compose up -d", r"Container app-web-1\s+Started")
    t.types("curl -sS http://localhost:8000/", "hello from busybox", until=5)
    t.types("docker compose down --rmi all -t 1", r"Container app-web-1\s+Removed")
