"""The canary: who may sing, who sees it when, and what is counted of it."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.core import signing
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from prometheus_client import REGISTRY
from pytest_django.fixtures import Settings

from apps.canary import actions, probing
from apps.canary.signing import sign
from apps.jobs import handlers
from apps.pagecache import purging
from apps.pagecache.door import DoorHandler
from tests.conftest import CountQueries

pytestmark = pytest.mark.django_db


def shown() -> int:
    return int(Client().get("/canary").content)


def value(metric: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(metric, labels) or 0.0


def writes() -> dict[str, float]:
    return {outcome: value("canary_writes_total", outcome=outcome) for outcome in ("seen", "missed", "refused")}


def counted(before: dict[str, float]) -> dict[str, float]:
    return {outcome: number - before[outcome] for outcome, number in writes().items() if number > before[outcome]}


@pytest.fixture
def connect(settings: Settings) -> Iterator[probing.Connect]:
    """Leads to the site in this process."""
    settings.ALLOWED_HOSTS = ["*"]
    handler: Any = DoorHandler()
    # They would close the connection whose transaction holds the test.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield lambda: httpx.Client(transport=httpx.WSGITransport(handler))
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_page_shows_the_number_that_was_sung_last() -> None:
    assert shown() == 0

    answer = Client().post("/canary/songs", {"number": sign(7)})

    assert answer.status_code == 204
    assert shown() == 7


def test_number_only_rises() -> None:
    actions.sing(number=7)
    actions.sing(number=3)

    assert shown() == 7


@pytest.mark.parametrize("number", ["", "7", "7:x:y", signing.TimestampSigner(salt="another").sign("7"), "\x00"])
def test_strangers_cannot_sing(number: str) -> None:
    assert Client().post("/canary/songs", {"number": number}).status_code == 403
    assert shown() == 0


def test_page_is_kept(count_queries: CountQueries) -> None:
    shown()

    with count_queries() as queries:
        shown()

    assert queries == []


def test_probe_counts_what_writer_and_others_have_seen(connect: probing.Connect) -> None:
    before, others = writes(), value("canary_others_seconds_count")

    probing.probe(connect)

    assert counted(before) == {"seen": 1}
    assert value("canary_others_seconds_count") == others + 1


def test_probe_finds_what_was_not_purged(connect: probing.Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "purge", lambda *_: None)
    monkeypatch.setattr(probing, "GIVE_UP_SECONDS", 0.1)
    before, late = writes(), value("canary_others_seconds_sum")

    probing.probe(connect)

    assert counted(before) == {"missed": 1}
    assert value("canary_others_seconds_sum") - late >= 0.1


def test_probe_counts_writes_that_are_refused(connect: probing.Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "sign", str)
    before = writes()

    probing.probe(connect)

    assert counted(before) == {"refused": 1}


def test_canary_is_silent_where_prometheus_does_not_ask(settings: Settings) -> None:
    turns = []
    for address in (None, ("127.0.0.1", 9100)):
        settings.METRICS_ADDRESS = address
        turns.append(handlers.named("canary.sing").when())

    assert turns == [False, True]
