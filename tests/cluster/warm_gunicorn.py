"""The site's gunicorn whose parent has used its pools before it forks, and says in its log over which connections."""

import runpy
from pathlib import Path

from django.db import connections

site = runpy.run_path(str(Path(__file__).parents[2] / "gunicorn.conf.py"))
globals().update(site)


def pre_fork(server: object, worker: object) -> None:
    """Ask each database who we are there, and give the connection back to its pool."""
    site["pre_fork"](server, worker)
    for connection in connections.all():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            print(f"parent: {connection.alias} {cursor.fetchone()[0]}", flush=True)  # noqa: T201 (for the test)
        connection.close()
