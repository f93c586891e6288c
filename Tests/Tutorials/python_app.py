"""Building a Docker Image for your Python App: python:3.9 with a variable; FastAPI on port 80; why 0.0.0.0."""

TITLE = "Building a Docker Image for your Python App"
SPELLS_HYPHEN = False
IMAGES = ("python:3.9", "tiangolo/uvicorn-gunicorn-fastapi:python3.8-slim")


def follow(t, world):
    with t.at(t.other_terminal(world.example("python-app", "my-python-app"))):
        python_app(t)
    with t.at(t.other_terminal(world.example("fastapi-hello", "fastapi-demo"))):
        fastapi(t)
        why_not_localhost(t)


def python_app(t):
    t.types("docker build -t my-python-app .", r"^Step 7/7 : CMD|Step 7/7", "Successfully tagged my-python-app:latest")
    with t.holds("docker run -p 4000:80 my-python-app", r"Running on all addresses", within=60):
        second = t.other_terminal()
        with t.at(second):
            t.types("curl -sS http://localhost:4000", r"\AHello World! This is [0-9a-f]{12}\.\n\Z", until=20)
            t.types("docker ps", r"my-python-app +\"python app\.py\" .* 0\.0\.0\.0:4000->80/tcp")


def fastapi(t):
    t.types("docker build -t fastapi-demo .", "Successfully tagged fastapi-demo:latest")
    with t.holds("docker run -p 80:80 fastapi-demo", r"Uvicorn running on http://0\.0\.0\.0:80", within=60):
        with t.at(t.other_terminal()):
            t.types("docker ps", r"\ACONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES\n",
                    r"^[0-9a-f]{12} +fastapi-demo +\"uvicorn main:app --…\" +.* ago +Up .* 0\.0\.0\.0:80->80/tcp")
            t.types("curl -sS http://localhost:80/", r'\A\{"message":"Hello World!"\}\Z', until=20)


def why_not_localhost(t):
    with t.holds("docker run -p 80:80 fastapi-demo uvicorn main:app --host localhost --port 80",
                 r"Uvicorn running on http://localhost:80", within=60):
        with t.at(t.other_terminal()):
            t.types("curl -sS -m 5 http://localhost:80/", "curl: ", code=None, hides=("Hello World",))
            t.types("docker exec $(docker ps -q) python -c \"import urllib.request; "
                    "print(urllib.request.urlopen('http://localhost').read().decode())\"", '"message":"Hello World!"')
