"""testcontainers-python over docker-py: a Redis and a PostgreSQL, each used from outside through the port that it was given."""

import subprocess
import unittest

from engine import TOP, Engine
from standins import provide

REDIS = """
from testcontainers.redis import RedisContainer
with RedisContainer("redis") as redis:
    client = redis.get_client()
    assert client.set("visits", 1) and client.incr("visits") == 2
    code, out = redis.exec(["redis-cli", "get", "visits"])
    assert (code, out.strip()) == (0, b"2"), (code, out)
    print(client.get("visits").decode())
"""

POSTGRES = """
import sqlalchemy
from testcontainers.postgres import PostgresContainer
with PostgresContainer("postgres", username="user", password="secret", dbname="notes", driver="pg8000") as postgres:
    with sqlalchemy.create_engine(postgres.get_connection_url()).begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE notes (line text)"))
        connection.execute(sqlalchemy.text("INSERT INTO notes VALUES ('kept')"))
        print(connection.execute(sqlalchemy.text("SELECT line FROM notes")).scalar())
"""

NETWORK = """
from testcontainers.core.container import DockerContainer
from testcontainers.core.network import Network
from testcontainers.core.waiting_utils import wait_for_logs
with Network() as network:
    with DockerContainer("redis").with_network(network).with_network_aliases("cache") as server:
        wait_for_logs(server, "Ready to accept connections")
        asker = DockerContainer("redis").with_network(network).with_command("redis-cli -h cache ping")
        with asker:
            wait_for_logs(asker, "PONG")
            print(asker.get_wrapped_container().wait()["StatusCode"])
"""


class Testcontainers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.python = subprocess.run([str(TOP / "scripts/fetch-testcontainers")], check=True, stdout=subprocess.PIPE,
                                    timeout=600).stdout.decode().strip()
        cls.engine = Engine().start()
        cls.addClassCleanup(cls.engine.close)
        provide(cls.engine, "redis", "postgres")

    def prints(self, text, program):
        # Its reaper is an image that would have to be pulled.
        result = self.engine.run("-c", program, program=self.python, timeout=180,
                                 environment={"TESTCONTAINERS_RYUK_DISABLED": "true"})
        self.assertEqual(result.out.strip().splitlines()[-1], text, result)
        self.assertEqual(self.engine.run("ps", "-aq").out, "")

    def test_a_redis(self):
        self.prints("2", REDIS)

    def test_a_postgres(self):
        self.prints("kept", POSTGRES)

    def test_names_in_a_network(self):
        self.prints("0", NETWORK)


if __name__ == "__main__":
    unittest.main()
