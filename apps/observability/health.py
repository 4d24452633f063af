"""Whether a process lives, and whether it should get requests: `/health/live` and `/health/ready`.

Answered before Django, since a probe comes by an address of its own, without https and a known host name.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.core.cache import cache as redis
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from redis.exceptions import RedisError
from syzygy.plan import must_post_deploy_migration

from apps.jobs import transport
from apps.replicas import readonly, servers

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class MissingTables(Exception):
    """The database is of an older release."""


@dataclass(slots=True)
class Health:
    """`missing` says what keeps the process from serving, `degraded` what it does without; sentences."""

    missing: list[str] = field(default_factory=list)
    degraded: list[str] = field(default_factory=list)
    mode: str = "read-write"

    @property
    def is_ready(self) -> bool:
        """Whether it should get requests."""
        return not self.missing


class Probes:
    """A WSGI application that answers probes, and passes everything else on."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        match environ["PATH_INFO"]:
            case "/health/live":
                return _answer(start_response, 200, {"status": "live"})
            case "/health/ready":
                found = look()
                status = {"status": "ready" if found.is_ready else "not ready"}
                return _answer(start_response, 200 if found.is_ready else 503, status | asdict(found))
        return self._application(environ, start_response)


def look() -> Health:
    """Ask every server that a request needs. 1 query, and 1 round trip to Redis; each ends within seconds."""
    health = Health()
    if notice := readonly.notice():
        health.mode = "read-only"
        health.degraded.append(notice)
    _look_at_primary(health)
    _look_at_redis(health)
    # Not asked for this: what this process told it last says enough.
    if transport.breaker.is_tripped:
        health.degraded.append("The broker was out of reach when it was last told of a job: jobs begin late.")
    return health


def _look_at_primary(health: Health) -> None:
    try:
        connections["default"].ensure_connection()
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT 1")
        _check_tables()
    except MissingTables:
        health.missing.append("The database lacks tables or columns: manage.py migrate")
    except DatabaseError:
        if any(replica.is_serving for replica in servers.fleet.replicas):
            health.mode = "read-only"
        else:
            health.missing.append("No database can be reached.")
    finally:
        connections["default"].close()


def _look_at_redis(health: Health) -> None:
    if not settings.REDIS_URL:
        return
    try:
        redis.client.get_client().ping()  # type: ignore[attr-defined]  # django-redis's own
    except RedisError:
        health.degraded.append("Redis cannot be reached: pages come from the database, uncached.")


@cache
def _check_tables() -> None:
    """Raises MissingTables while the code needs migrations that the database has not seen; once it is right, idle.

    Those that only drop what the release before has used wait until that one has gone.
    """
    executor = MigrationExecutor(connections["default"])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not all(must_post_deploy_migration(migration) for migration, _ in plan):
        raise MissingTables


def _answer(start_response: Any, status: int, found: dict[str, object]) -> Iterable[bytes]:
    body = json.dumps(found).encode()
    reason = "OK" if status == 200 else "Service Unavailable"
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
    start_response(f"{status} {reason}", headers)
    return [body]
