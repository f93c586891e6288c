import os

import redis
from flask import Flask

app = Flask(__name__)
store = redis.Redis(
    host=os.environ.get("REDIS_HOST", "localhost"),
    port=int(os.environ.get("REDIS_PORT", "6379")),
)


@app.route("/")
def welcome():
    return "Welcome to the visit counter! Go to /count to be counted.\n"


@app.route("/count")
def count():
    visits = store.incr("visits")
    return f"This page has been visited {visits} times.\n"


@app.after_request
def name_the_replica(response):
    response.headers["X-Served-By"] = os.uname().nodename
    return response
