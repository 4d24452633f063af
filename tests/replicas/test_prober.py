"""When a server is put out and taken in."""

from datetime import UTC, datetime, timedelta
from math import isnan
from typing import Any, cast

import psycopg
import pytest
from prometheus_client import REGISTRY

from apps.replicas.prober import PrimaryProber, ReplicaProber
from apps.replicas.servers import Fleet
from tests.replicas.fakes import StandIn

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Link:
    """A connection that answers with one row."""

    def __init__(self, row: tuple[Any, ...]) -> None:
        self.row = row

    def execute(self, query: str) -> "Link":
        return self

    def fetchone(self) -> tuple[Any, ...]:
        return self.row

    def close(self) -> None:
        """As psycopg has it."""


class Broken(Link):
    """One whose server has gone."""

    def execute(self, query: str) -> Link:
        raise psycopg.OperationalError("the connection is lost")


@pytest.fixture
def prober() -> ReplicaProber:
    server = StandIn("replica1")
    fleet = Fleet(StandIn("default"), [server])
    primary = PrimaryProber(fleet.primary, fleet)
    primary.beaten_at = NOON
    return ReplicaProber(server, fleet, primary)


def answer(prober: ReplicaProber, *, late: float = 0, is_replica: bool = True, position: int = 100) -> None:
    """Let the replica answer one round."""
    link: Any = Link((is_replica, NOON - timedelta(seconds=late), 1, position))
    prober.judge(prober.look(link))


def test_one_failure_is_not_enough_to_put_a_replica_out(prober: ReplicaProber) -> None:
    prober.judge("it does not answer")

    assert prober.server.is_serving


def test_two_failures_put_a_replica_out(prober: ReplicaProber) -> None:
    prober.judge("it does not answer")
    prober.judge("it does not answer")

    assert not prober.server.is_serving


def test_failures_far_apart_do_not_add_up(prober: ReplicaProber) -> None:
    prober.judge("it does not answer")
    answer(prober)
    prober.judge("it does not answer")

    assert prober.server.is_serving


def test_late_replica_is_put_out(prober: ReplicaProber) -> None:
    answer(prober, late=11)
    answer(prober, late=11)

    assert not prober.server.is_serving


def test_replica_that_is_a_little_late_stays(prober: ReplicaProber) -> None:
    for _ in range(5):
        answer(prober, late=9)

    assert prober.server.is_serving


def test_replica_is_taken_in_after_three_good_rounds(prober: ReplicaProber) -> None:
    prober.server.put_out("it failed")

    states = []
    for late in (0, 0, 5, 0, 0, 0):
        answer(prober, late=late)
        states.append(prober.server.is_serving)

    assert states == [False, False, False, False, False, True]


def test_promoted_replica_is_put_out_at_once(prober: ReplicaProber) -> None:
    answer(prober, is_replica=False)

    assert not prober.server.is_serving


def test_replica_is_as_late_as_the_primary_last_told(prober: ReplicaProber) -> None:
    prober.primary.beaten_at = NOON + timedelta(seconds=60)

    assert prober.lag(NOON) == 60


def test_nobody_says_how_late_a_replica_is_that_does_not_answer(prober: ReplicaProber) -> None:
    def shown() -> list[float | None]:
        names = ("replicas_lag_seconds", "replicas_behind_bytes")
        return [REGISTRY.get_sample_value(name, {"alias": "replica1"}) for name in names]

    prober.primary.position = 150
    answer(prober, late=4, position=100)
    before, prober.link = shown(), cast(Any, Broken(()))
    prober.round()
    gone = shown()
    answer(prober, late=1, position=100)

    assert (before, shown()) == ([4, 50], [1, 50])
    assert [value is not None and isnan(value) for value in gone] == [True, True]


def test_replica_is_not_late_when_the_primary_has_never_been_reached(prober: ReplicaProber) -> None:
    prober.primary.beaten_at = None

    assert prober.lag(NOON) == 0


def test_primary_is_taken_in_by_one_good_round(prober: ReplicaProber) -> None:
    prober.primary.server.put_out("it failed")

    prober.primary.judge("")

    assert prober.primary.server.is_serving


def test_position_that_goes_back_drops_the_bound(prober: ReplicaProber) -> None:
    answer(prober, position=100)
    answer(prober, position=50)

    assert prober.server.known == 1 << 64 | 50
