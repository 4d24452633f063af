"""What is measured of each request, whoever answers it, and what the log says of slow ones."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_started
from django.db import close_old_connections, connection
from django.test import RequestFactory
from prometheus_client import REGISTRY
from pytest_django.fixtures import Settings

from apps.core import tracing
from apps.observability.metering import Meter
from apps.observability.sampling import busy
from apps.observability.statements import on_connection
from apps.pagecache.door import DoorHandler
from tests.factories.people import PersonFactory

PEOPLE = "accounts.people"


@pytest.fixture
def site() -> Iterator[Meter]:
    # It would close the connection whose transaction holds the test.
    request_started.disconnect(close_old_connections)
    yield Meter(DoorHandler())
    request_started.connect(close_old_connections)


def get(site: Meter, path: str, **environ: Any) -> None:
    request = RequestFactory().get(path, **environ)
    list(site(request.environ, lambda *_: None))


def value(metric: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(metric, labels) or 0.0


def seen(cache: str, audience: str = "visitor", status: str = "200", view: str = PEOPLE) -> float:
    return value("requests_seconds_count", view=view, cache=cache, audience=audience, status=status)


@pytest.mark.django_db
def test_requests_are_counted_by_where_the_cache_found_their_answer(site: Meter) -> None:
    before = seen("miss"), seen("hit")

    get(site, "/u/")
    get(site, "/u/")

    assert (seen("miss"), seen("hit")) == (before[0] + 1, before[1] + 1)


@pytest.mark.django_db
def test_members_are_told_from_visitors(site: Meter) -> None:
    before = seen("miss", "member")

    get(site, "/u/", HTTP_COOKIE="sessionid=unknown")

    assert seen("miss", "member") == before + 1


@pytest.mark.django_db
def test_addresses_that_lead_nowhere_are_one(site: Meter) -> None:
    before = seen("none", status="404", view="none")

    get(site, "/nowhere")
    get(site, "/nowhere/else")

    assert seen("none", status="404", view="none") == before + 2


@pytest.mark.django_db
def test_queries_are_counted_for_what_has_passed_the_door(site: Meter) -> None:
    labels, kept = {"view": PEOPLE, "cache": "miss"}, {"view": PEOPLE, "cache": "hit"}
    before = value("requests_queries_count", **labels), value("requests_queries_sum", **labels)
    hits = value("requests_queries_count", **kept)

    get(site, "/u/")
    get(site, "/u/")

    assert value("requests_queries_count", **labels) == before[0] + 1
    assert value("requests_queries_sum", **labels) > before[1]
    assert value("requests_queries_count", **kept) == hits


@pytest.mark.django_db
def test_slow_requests_stand_in_the_log_with_their_view(
    site: Meter, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SLOW_REQUEST_SECONDS = 0.0

    get(site, "/u/")

    [record] = [record for record in caplog.records if record.message == "Slow request"]
    assert (record.__dict__["status"], record.__dict__["cache"]) == (200, "miss")
    assert record.__dict__["queries"] > 0


def test_what_fails_is_counted_as_a_failure_and_no_thread_stays_busy() -> None:
    def fail(*_: object) -> list[bytes]:
        assert len(busy) == 1
        raise OSError("gone")

    before = seen("none", status="500", view="none")

    with pytest.raises(OSError, match="gone"):
        get(Meter(fail), "/")

    assert seen("none", status="500", view="none") == before + 1
    assert not busy


@pytest.fixture
def watched(db: None) -> None:
    """The connection may be older than the site's settings."""
    on_connection(connection)


@pytest.mark.usefixtures("watched")
def test_slow_queries_stand_in_the_log_without_their_values(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SLOW_QUERY_SECONDS = 0.0

    with tracing.tracing("0123456789abcdef"):
        PersonFactory.create(username="secretive")
    PersonFactory.create(username="patient")

    records = [record for record in caplog.records if record.message == "Slow query"]
    assert len([record for record in records if 'INSERT INTO "accounts_user"' in record.__dict__["sql"]]) == 1
    assert not any("secretive" in str(record.__dict__) for record in records)
    assert {record.levelno for record in records} == {logging.WARNING}


@pytest.mark.usefixtures("watched")
def test_connection_that_is_made_anew_counts_each_query_once() -> None:
    on_connection(connection)

    with tracing.tracing("0123456789abcdef") as trace, connection.cursor() as cursor:
        cursor.execute("SELECT 1")

    assert trace.num_queries == 1
