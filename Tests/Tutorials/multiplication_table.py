"""Multiplication Table Generator: FastAPI and Streamlit; locally, built by Compose, and deployed from a registry."""

import shutil

TITLE = "Multiplication Table Generator"
SPELLS_HYPHEN = False
IMAGES = ("python:3.13-slim-bullseye",)
SEVEN = r'\{"multiplier":7,"product":49\}'


def follow(t, world):
    if t.client.name == "skiff":
        option_1(t, world)
    option_2(t, world)
    tag_and_push(t, world)
    option_3(t, world)


def answers(t):
    """Not printed, but what a browser does: the backend's table, the page and its health."""
    t.types("curl -sS http://localhost:8000/table/7", SEVEN, until=30)
    t.types("curl -sS http://localhost:8501", "<title>Streamlit</title>", until=30)
    t.types("curl -sS http://localhost:8501/_stcore/health", "^ok", until=30)


def clone(t, url):
    t.types("git clone <your_repo_url>", fill={"<your_repo_url>": url})
    t.types("cd my_multi_app")


def option_1(t, world):
    url = world.repository("multiplication-table", "my_multi_app")
    with t.at(t.other_terminal(world.directory("option-1"))):
        clone(t, url)
        t.types("python -m venv venv")
        t.types("source venv/bin/activate")
        t.types("pip install -r table_generator/requirements.txt")
        second = t.other_terminal()
        t.types("cd table_generator")
        with t.holds("python main.py", r"Uvicorn running on http://127\.0\.0\.1:8000"), t.at(second):
            t.types("cd table_generator")
            with t.holds("streamlit run app.py", r"URL: http://\S+:8501"):
                answers(t)


def option_2(t, world):
    clone(t, world.repository("multiplication-table", "my_multi_app"))
    t.types("docker compose build", "fastapi_backend", "streamlit_frontend")
    t.types("docker compose up -d", r"Network my_multi_app_app_network\s+Created",
            r"Container my_multi_app-fastapi_backend-1\s+Started", r"Container my_multi_app-streamlit_frontend-1\s+Started")
    answers(t)
    with t.holds("docker compose logs -f", r"fastapi_backend-1\s+\| .*Uvicorn running on http://0\.0\.0\.0:8000",
                 r'fastapi_backend-1\s+\| .*"GET /table/7 HTTP/1\.1" 200', r"streamlit_frontend-1\s+\| .*URL: http", within=30) as logs:
        t.types("curl -sS http://localhost:8000/table/8", '"number":8')
        t.checks("docker compose logs -f: the new line comes", logs.until(r'"GET /table/8 HTTP/1\.1" 200', 10), logs.text)
    t.types("docker compose exec streamlit_frontend python -c 'import requests; "
            "print(requests.get(\"http://fastapi_backend:8000/table/7\").text)'", SEVEN, tty=True)
    t.types("docker compose down", r"Container my_multi_app-fastapi_backend-1\s+Removed", r"Network my_multi_app_app_network\s+Removed")
    t.types("docker compose ps -a", hides=("my_multi_app-",))


def tag_and_push(t, world):
    for service in ("fastapi", "streamlit"):
        image = {"fastapi": "fastapi_backend", "streamlit": "streamlit_frontend"}[service]
        fill = {"<local_image_name>": f"my_multi_app-{image}", "<dockerhub_username>": f"{world.registry}/learner",
                "<repo_name>": f"multi-app-{image.replace('_', '-')}", "<tag>": "latest"}
        t.types("docker tag <local_image_name> <dockerhub_username>/<repo_name>:<tag>", fill=fill)
        t.types("docker push <dockerhub_username>/<repo_name>:<tag>", rf"The push refers to repository \[{world.registry}/learner/multi-app-",
                r"^latest: digest: sha256:[0-9a-f]{64} size: \d+", fill=fill)


def option_3(t, world):
    machine = world.second_engine()
    directory = world.directory("option-3")
    deploy = world.repository("multiplication-table/deploy", "my_multi_app", into="deploy")
    t.checks("the new machine has neither images nor source", machine.run("images", "-q").out == "")
    with t.at(t.other_terminal(directory, machine.host)):
        t.terminal.environment["DOCKERHUB_USERNAME"] = f"{world.registry}/learner"
        clone(t, deploy)
        t.types("ls", r"\Adocker-compose\.yml\n\Z")
        t.types("docker compose up -d", r"fastapi_backend\s+Pulled", r"streamlit_frontend\s+Pulled",
                r"Container my_multi_app-streamlit_frontend-1\s+Started")
        answers(t)
        t.types("docker compose down", r"Container my_multi_app-fastapi_backend-1\s+Removed", r"Network my_multi_app_app_network\s+Removed")
        t.types("docker images", "multi-app-fastapi-backend", "multi-app-streamlit-frontend")
        t.types("docker compose up -d", r"Container my_multi_app-streamlit_frontend-1\s+Started")
        t.types("docker compose down --rmi all", r"Image \S+/multi-app-fastapi-backend:latest\s+Removed",
                r"Image \S+/multi-app-streamlit-frontend:latest\s+Removed", r"Network my_multi_app_app_network\s+Removed")
        t.types("docker images", hides=("multi-app",))
    shutil.rmtree(directory)
