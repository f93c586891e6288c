"""What is Docker Compose?: Flask asks PostgreSQL; the rows live in a named volume."""

TITLE = "What is Docker Compose?"
SPELLS_HYPHEN = True
IMAGES = ("python:3.9-slim", "postgres:latest")
GREETING = r"\AHello from Flask and PostgreSQL!\Z"


def follow(t, world):
    with t.at(t.other_terminal(world.example("flask-postgres", "flask-postgres"))):
        printed(t)
        data_survives(t)


def printed(t):
    t.types("docker-compose config --services", "web" if t.hyphenated else r"\Adb\nweb\n\Z|warning[^\n]*\ndb\nweb\n\Z")
    t.types("docker-compose build", "web")
    attached = r"Attaching to (.*db.*web|.*web.*db)"
    with t.holds("docker-compose up", attached, r"(?s)web.1\s+\| .*Running on all addresses", within=120):
        with t.at(t.other_terminal()):
            t.types("curl -sS http://localhost:5000", GREETING, until=60)
            t.types("docker-compose ps", r"flask-postgres.db.1", r"flask-postgres.web.1 .*0\.0\.0\.0:5000->5000/tcp")


def data_survives(t):
    """The text: the volume keeps the database's data when the container is stopped or removed."""
    psql = "docker-compose exec db psql -U user mydb -c "
    ready = "docker-compose exec db pg_isready -h 127.0.0.1 -U user"
    t.types("docker-compose up -d", r"flask-postgres.web.1\b.*([Ss]tarted|done)")
    t.types(ready, "accepting connections", tty=True, until=60)
    t.types(psql + "'CREATE TABLE notes (line text)'", "CREATE TABLE", tty=True, until=60)
    t.types(psql + "\"INSERT INTO notes VALUES ('kept')\"", "INSERT 0 1", tty=True)
    t.types("docker-compose down", hides=("db_data",))
    t.types("docker-compose up -d")
    t.types(ready, "accepting connections", tty=True, until=60)
    t.types(psql + "'TABLE notes'", r"^ kept", r"\(1 row\)", tty=True, until=30)
    t.types("curl -sS http://localhost:5000", GREETING, until=60)
    t.types("docker-compose down -v", r"[Vv]olume flask-postgres_db_data")
    t.types("docker-compose up -d")
    t.types(ready, "accepting connections", tty=True, until=60)
    t.types(psql + "'TABLE notes'", 'relation "notes" does not exist', tty=True, until=30, code=1)
    t.types("docker-compose down -v", r"[Vv]olume flask-postgres_db_data")
