"""What services have counted: taken, kept, added up over restarts and machines, forgotten."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError, connections
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import Metric

from apps.core import counting
from apps.observability import actions, figures, keeping, queries, tables
from apps.observability.models import COARSE, EVERY, KEPT, KEPT_ALL, Sample
from apps.observability.queries import NUM_BINS, SPANS, Bin
from apps.replicas import readonly
from tests.conftest import CountQueries

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TURN = int(NOW.timestamp()) // EVERY


def counted() -> list[Metric]:
    """A service that has answered ten requests of one view, one of them with an error, and run a job."""
    registry = CollectorRegistry()
    labels = ["view", "cache", "audience", "status"]
    requests = Histogram("requests_seconds", "", labels, buckets=(0.1, 1), registry=registry)
    for number in range(10):
        requests.labels("news", "hit", "visitor", "500" if number == 0 else "200").observe(0.5 if number else 5)
    Counter("pagecache_answers_total", "", ["view", "outcome"], registry=registry).labels("news", "hit").inc(9)
    lag = Gauge("replicas_lag_seconds", "", ["alias"], registry=registry)
    lag.labels("replica1").set(float("inf"))
    lag.labels("replica2").set(float("nan"))
    Gauge("process_memory_bytes", "", registry=registry).set(1e8)
    runs = Histogram("jobs_run_seconds", "", ["name", "outcome"], buckets=(1,), registry=registry)
    runs.labels("tally", "done").observe(0.5)
    return list(registry.collect())


def sample(turn: int, source: str = "web1/web-0", requests: float = 0, **totals: Any) -> Sample:
    """One in which so many requests of one view were answered within 0.1 s."""
    view = {"statuses": {"200": requests}, "le": {"0.1": requests, "+Inf": requests}, "seconds": requests / 20}
    return Sample.objects.create(
        turn=turn,
        source=source,
        totals={"views": view, "memory": 1e8} | totals,
        figures={"views": {"news": view}, "jobs": {}, "memory": {"0": 1e8}},
    )


def test_what_is_counted_is_taken_by_name_and_in_all() -> None:
    totals, by_name = figures.take(counted())

    news = by_name["views"]["news"]
    assert news["statuses"] == {"200": 9, "500": 1}
    assert news["le"] == {"0.1": 0, "1.0": 9, "+Inf": 10}
    assert news["outcomes"] == {"hit": 9}
    assert totals["views"] == news
    assert totals["lag"] == {"replica1": figures.LARGEST}
    assert by_name["jobs"]["tally"] == {"le": {"1.0": 1, "+Inf": 1}, "outcomes": {"done": 1}, "seconds": 0.5}
    assert (totals["memory"], list(by_name["memory"].values())) == (1e8, [1e8])


@pytest.mark.parametrize(
    ("share", "buckets", "expected"),
    [
        (0.5, {"0.1": 10, "1.0": 10, "+Inf": 10}, 0.05),
        (0.95, {"0.1": 0, "1.0": 100, "+Inf": 100}, 0.955),
        (0.95, {"0.1": 0, "1.0": 0, "+Inf": 100}, 1.0),
        (0.5, {"1.0": 0, "+Inf": 0}, None),
        (0.5, {}, None),
    ],
)
def test_quantile_is_that_of_prometheus(share: float, buckets: dict[str, float], expected: float | None) -> None:
    assert figures.quantile(share, buckets) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("before", "more"),
    [({}, {"a": 1}), ({"a": 1}, {}), ({"a": {"b": 2}}, {"a": {"b": 1, "c": 3}}), ({"a": 0.5}, {"b": {"c": 1}})],
)
def test_what_has_risen_is_what_was_added(before: dict[str, Any], more: dict[str, Any]) -> None:
    now = figures.added(before, more)

    assert figures.added(before, figures.since(before, now)) == now


def test_counter_that_has_fallen_was_begun_anew() -> None:
    assert figures.since({"a": {"b": 10}}, {"a": {"b": 3, "c": 1}}) == {"a": {"b": 3, "c": 1}}


@pytest.fixture
def of_a_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "registry", lambda: SimpleNamespace(collect=counted))


@pytest.mark.usefixtures("of_a_service")
def test_one_process_of_a_service_keeps_a_sample_a_turn(count_queries: CountQueries) -> None:
    actions.keep_sample(now=NOW)

    with count_queries() as asked:
        actions.keep_sample(now=NOW + timedelta(seconds=EVERY / 2))
    actions.keep_sample(now=NOW + timedelta(seconds=EVERY))

    assert list(Sample.objects.order_by("turn").values_list("turn", "source")) == [
        (TURN, figures.source()),
        (TURN + 1, figures.source()),
    ]
    assert len(asked) == 1


@pytest.mark.parametrize("error", [OperationalError("gone"), FileNotFoundError()])
def test_process_outlives_what_keeps_it_from_keeping(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(actions, "keep_sample", fail)
    monkeypatch.setattr(connections, "close_all", lambda: None)

    keeping.keep()


@pytest.mark.usefixtures("of_a_service")
def test_nothing_is_kept_while_the_site_takes_no_writes() -> None:
    readonly.switch_on("Back at noon.")
    try:
        actions.keep_sample(now=NOW)
    finally:
        readonly.switch_off()

    assert not Sample.objects.exists()


def test_an_hour_is_kept_whole_and_a_day_in_parts() -> None:
    aligned = TURN - TURN % COARSE
    for turn in (TURN, TURN - KEPT_ALL, aligned - 2 * KEPT_ALL, aligned - 2 * KEPT_ALL - 1, aligned - KEPT - COARSE):
        sample(turn)

    actions.forget_samples(now=NOW)

    kept = set(Sample.objects.values_list("turn", flat=True))
    assert kept == {TURN, TURN - KEPT_ALL, aligned - 2 * KEPT_ALL}


def test_services_are_added_up(count_queries: CountQueries) -> None:
    for source in ("web1/web-0", "web2/web-0"):
        sample(TURN - 12, source)
        sample(TURN, source, requests=60)

    with count_queries() as asked:
        found = queries.history("hour", NOW)

    [view] = tables.views(found)
    assert (view.name, view.number, view.num_errors, view.ready_percent) == ("news", 120, 0, None)
    assert [view.median, view.p95] == pytest.approx([0.05, 0.095])
    last = found.bins[-1]
    assert last
    assert last.rates["views"]["statuses"]["200"] == pytest.approx(2 * 60 / 120)
    assert tables.processes(found) == [("web1/web-0", "0", 1e8), ("web2/web-0", "0", 1e8)]
    assert len(asked) == 2


def test_service_that_was_restarted_loses_no_more_than_a_turn() -> None:
    for turn, requests in ((-4, 100), (-3, 150), (-2, 20), (-1, 170), (0, 5)):
        sample(TURN + turn, requests=requests)

    found = queries.history("hour", NOW)

    assert tables.views(found)[0].number == (150 - 100) + 170 + 5


def test_service_that_says_nothing_any_more_has_ended_and_its_requests_count() -> None:
    sample(TURN - 100)
    sample(TURN - 90, requests=5)

    found = queries.history("hour", NOW)

    assert (tables.views(found)[0].number, tables.processes(found)) == (5, [])


@pytest.mark.parametrize("span", SPANS)
def test_parts_without_a_sample_are_gaps(span: str) -> None:
    width = SPANS[span] // EVERY // NUM_BINS
    for place in (0, 1, NUM_BINS - 1):
        sample(TURN - (NUM_BINS - 1 - place) * width)

    bins = queries.history(span, NOW).bins

    assert [place for place, part in enumerate(bins) if part] == [0, 1, NUM_BINS - 1]


def test_lag_is_the_highest_that_a_service_has_seen() -> None:
    gauges = [{"lag": {"late": 60.0, "sound": 0.1}}, {"lag": {"late": 59.0}}, {}]

    assert tables.lags(Bin({}, gauges)) == {"late": 60.0, "sound": 0.1}


def test_history_of_nothing_is_empty() -> None:
    found = queries.history("hour", NOW)

    assert (found.bins, tables.views(found), tables.work(found)) == ([None] * NUM_BINS, [], [])
