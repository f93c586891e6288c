"""Gunicorn's settings, each from a variable of the environment.

WEB_CONCURRENCY is the number of workers; without it WORKERS_PER_CORE (1) for each processor, but at least two and at
most MAX_WORKERS. BIND is where to listen, HOST:PORT (0.0.0.0:80) unless given. LOG_LEVEL (info), ACCESS_LOG and
ERROR_LOG (-, the standard streams; empty for none), TIMEOUT and GRACEFUL_TIMEOUT (120 s), KEEP_ALIVE (5 s).
"""

import json
import multiprocessing
import os


def setting(name, otherwise):
    return os.environ.get(name, otherwise)


def worker_count(per_core, most):
    asked = setting("WEB_CONCURRENCY", "")
    if asked:
        if int(asked) < 1:
            raise ValueError(f"WEB_CONCURRENCY is {asked}; at least one worker is needed")
        return int(asked)
    count = max(int(per_core * multiprocessing.cpu_count()), 2)
    return min(count, most) if most else count


_host, _port = setting("HOST", "0.0.0.0"), setting("PORT", "80")
_per_core = float(setting("WORKERS_PER_CORE", "1"))
_most = int(setting("MAX_WORKERS", "") or 0) or None

bind = setting("BIND", "") or f"{_host}:{_port}"
workers = worker_count(_per_core, _most)
loglevel = setting("LOG_LEVEL", "info")
accesslog = setting("ACCESS_LOG", "-") or None
errorlog = setting("ERROR_LOG", "-") or None
timeout = int(setting("TIMEOUT", "120"))
graceful_timeout = int(setting("GRACEFUL_TIMEOUT", "120"))
keepalive = int(setting("KEEP_ALIVE", "5"))
# In memory: a worker that cannot write its sign of life in time is killed.
worker_tmp_dir = "/dev/shm"

print(json.dumps({
    "loglevel": loglevel, "workers": workers, "bind": bind, "graceful_timeout": graceful_timeout, "timeout": timeout,
    "keepalive": keepalive, "errorlog": errorlog, "accesslog": accesslog, "workers_per_core": _per_core,
    "use_max_workers": _most, "host": _host, "port": _port,
}))
