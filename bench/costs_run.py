"""The measurements inside of a process of the site that bench/costs.py has started: run that."""

import os
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django

os.environ |= {"DJANGO_SETTINGS_MODULE": "project.settings", "PROCESS": "web"}
django.setup()

# Models can be imported only after the set-up.
import psycopg  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.test import RequestFactory  # noqa: E402

from apps.core.schema import PARTITIONS  # noqa: E402
from apps.observability import keys  # noqa: E402
from apps.pagecache import purging  # noqa: E402
from apps.pagecache.door import UNKEPT  # noqa: E402
from apps.stories.models import Story  # noqa: E402
from bench.costs import say  # noqa: E402
from project.wsgi import application  # noqa: E402

ROUNDS = 200
Act = Callable[[], object]


def main() -> None:
    """Measure and print."""
    measure_pooling()
    measure_page()
    measure_call(int(sys.argv[1]))
    measure_purge()
    measure_partitions(int(sys.argv[2]))


def measure_pooling() -> None:
    """A query over a connection of its own, and over one of the pool."""

    def connect() -> None:
        with psycopg.connect(os.environ["DATABASE_URL"]) as own:
            own.execute("SELECT 1")

    def check_out() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        connections.close_all()

    compare(("a connection and a query", connect), ("the same from the pool", check_out))


def measure_page() -> None:
    """The front page as a hit, rendered, and rendered under a profile."""
    key = keys.make("/")
    with TemporaryDirectory() as folder:
        settings.PROFILES_DIR = Path(folder)
        compare(
            ("the front page, kept", open_page),
            ("rendered", lambda: open_page(**{UNKEPT: True})),
            ("rendered and profiled", lambda: open_page(HTTP_X_PROFILE=key)),
        )


def open_page(**more: Any) -> None:
    """One request, without a server."""
    environ = RequestFactory().get("/", HTTP_HOST="127.0.0.1").environ | more
    said: list[str] = []
    b"".join(application(environ, lambda status, *_: said.append(status)))
    assert said == ["200 OK"], said  # noqa: S101 (it measures only what is right)


def measure_call(port: int) -> None:
    """The same row by a function of this process, and asking another process for nothing at all."""
    story, line = Story.objects.order_by("pk")[0].pk, HTTPConnection("127.0.0.1", port)

    def call() -> None:
        line.request("GET", "/health/live")
        line.getresponse().read()

    with connection.cursor() as cursor:
        compare(
            ("a call to a function", lambda: len("")),
            (
                "a query by its key, as SQL",
                lambda: cursor.execute("SELECT * FROM stories_story WHERE id = %s", [story]),
            ),
            ("a query by its key, as a model", lambda: Story.objects.get(pk=story)),
            ("an empty call to another process", call),
        )


def measure_purge() -> None:
    """A tag, whatever number of pages carries it."""
    compare(("a purge of one tag", lambda: purging.purge_now("story:1")))


def measure_partitions(votes: int) -> None:
    """As many votes in one table and in one that is split: writing and finding them, and cleaning a piece."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("CREATE TABLE whole (LIKE votes_storyvote INCLUDING INDEXES)")
        cursor.execute("CREATE TABLE split (LIKE votes_storyvote INCLUDING INDEXES) PARTITION BY HASH (story_id)")
        for number in range(PARTITIONS):
            part = f"FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {number})"
            cursor.execute(f"CREATE TABLE split_{number} PARTITION OF split {part}")
        pieces = {"whole": "whole", "split": "split_0"}
        for table, piece in pieces.items():
            say(f"{votes:,} votes into the {table} table", seconds(partial(fill, cursor, table, votes)), "s")
            cursor.execute(f"SELECT pg_total_relation_size('{piece}') / (SELECT count(*) FROM {piece})::float")  # noqa: S608 (our own)
            say(f"bytes of a vote in {piece}, with its indexes", cursor.fetchone()[0], "")
        compare(*((f"finding a vote in {table}", partial(find, cursor, table)) for table in pieces))
        for table, piece in pieces.items():
            cursor.execute(f"DELETE FROM {table} WHERE id % 10 = 0")  # noqa: S608 (our own)
            say(f"cleaning {piece}", seconds(partial(cursor.execute, f"VACUUM {piece}")), "s")


def fill(cursor: Any, table: str, votes: int) -> None:
    """Write votes of 5,000 people on 100,000 stories, in no order."""
    cursor.execute(
        f"INSERT INTO {table} (id, user_id, story_id, created_at)"  # noqa: S608 (our own)
        f" SELECT n, 1 + n % 5000, n::bigint * 7919 % 100003, now() FROM generate_series(1, {votes}) n"
    )


def find(cursor: Any, table: str) -> None:
    """Look for a vote by its story and person."""
    cursor.execute(f"SELECT id FROM {table} WHERE story_id = %s AND user_id = %s", [7919, 2])  # noqa: S608 (our own)


def compare(*acts: tuple[str, Act]) -> None:
    """What the quickest tenth of each took at most, as a busy machine delays the others; in turns, so that all meet
    the same hour.
    """
    took: dict[str, list[float]] = {name: [] for name, _ in acts}
    for _ in range(ROUNDS):
        for name, act in acts:
            took[name].append(seconds(act))
    for name, found in took.items():
        say(name, 1e6 * statistics.quantiles(found, n=10)[0], "µs")


def seconds(act: Act) -> float:
    """How long it takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
