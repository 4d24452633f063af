"""What probes are told, through the WSGI application that gunicorn serves."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, connections
from django.db.migrations import Migration, RemoveField
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from apps.core.breaker import Breaker
from apps.jobs import transport
from apps.observability import health
from apps.replicas import readonly, servers
from apps.replicas.servers import Fleet, Server

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections outlive a probe here: closing them would end the test's transaction."""
    health._check_tables.cache_clear()
    monkeypatch.setattr(connections["default"], "close", lambda: None)


@pytest.fixture
def unreachable() -> Iterator[None]:
    def refuse() -> None:
        raise connection.Database.OperationalError("nobody there")  # type: ignore[attr-defined]  # the driver's

    def ensure_connection() -> None:
        with connection.wrap_database_errors:
            refuse()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connections["default"], "ensure_connection", ensure_connection)
        yield


def probe(path: str) -> tuple[str, dict[str, Any]]:
    """The status, and what was said."""
    statuses: list[str] = []
    environ = RequestFactory(headers={"Host": "10.0.0.7:8000"}).get(path).environ
    body = b"".join(health.Probes(WSGIHandler())(environ, lambda status, headers: statuses.append(status)))
    return statuses[0], json.loads(body)


def test_a_process_that_answers_lives(unreachable: None) -> None:
    assert probe("/health/live") == ("200 OK", {"status": "live"})


def test_a_site_that_has_all_is_ready() -> None:
    assert probe("/health/ready") == (
        "200 OK",
        {"status": "ready", "missing": [], "degraded": [], "mode": "read-write"},
    )


def test_a_site_without_its_database_is_not_ready(unreachable: None) -> None:
    status, found = probe("/health/ready")

    assert (status, found["status"]) == ("503 Service Unavailable", "not ready")
    assert found["missing"] == ["No database can be reached."]


def test_a_site_whose_replicas_serve_is_ready_and_read_only(unreachable: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "fleet", Fleet(Server("default"), [Server("replica1")]))

    status, found = probe("/health/ready")

    assert (status, found["mode"]) == ("200 OK", "read-only")


def test_a_site_whose_broker_has_failed_is_ready_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "breaker", breaker := Breaker(transport.Resting))
    breaker.trip()

    status, found = probe("/health/ready")
    breaker.close()

    assert status == "200 OK"
    assert found["degraded"] == ["The broker was out of reach when it was last told of a job: jobs begin late."]
    assert not probe("/health/ready")[1]["degraded"]


def test_a_site_in_maintenance_is_ready_and_says_so() -> None:
    readonly.switch_on("Back at noon.")
    try:
        status, found = probe("/health/ready")
    finally:
        readonly.switch_off()

    assert (status, found["mode"], found["degraded"]) == ("200 OK", "read-only", ["Back at noon."])


def test_a_site_that_was_not_migrated_is_not_ready() -> None:
    MigrationRecorder(connection).record_unapplied("moderation", "0002_flags")

    status, found = probe("/health/ready")

    assert status == "503 Service Unavailable"
    assert found["missing"] == ["The database lacks tables or columns: manage.py migrate"]


def test_a_site_that_has_yet_to_drop_what_the_last_release_used_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    drop = Migration("0099_drop", "stories")
    drop.operations = [RemoveField("story", "removed_at")]  # type: ignore[misc]  # an instance has its own
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: [(drop, False)])

    status, _ = probe("/health/ready")

    assert status == "200 OK"


def test_a_site_without_redis_is_ready_and_degraded(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    settings.CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": settings.REDIS_URL}}

    status, found = probe("/health/ready")

    assert status == "200 OK"
    assert found["degraded"] == ["Redis cannot be reached: pages come from the database, uncached."]
