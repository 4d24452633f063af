"""What the operations page shows: how the site has done in the last hour or day, and how it stands now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from apps.observability.figures import Figures, added, quantile, scaled, since
from apps.observability.models import EVERY, Sample
from apps.replicas import servers
from apps.replicas.prober import LAG_IN_SECONDS

SPANS = {"hour": 3600, "day": 86_400}
NUM_BINS = 60
# A service that has kept nothing for so many turns has ended.
SILENT_TURNS = 6
# Answers of the page cache that had to be made.
MADE = ("miss", "uncached")


@dataclass(frozen=True, slots=True)
class View:
    """One view: requests, seconds that half and 95 % of them took at most, errors, and how many of the page cache's
    answers needed no render.
    """

    name: str
    number: int
    median: float
    p95: float
    num_errors: int
    ready_percent: float | None


@dataclass(frozen=True, slots=True)
class Work:
    """The jobs of one name: attempts, their mean time and what 95 % of them took at most, failed ones, dead letters."""

    name: str
    number: int
    mean: float
    p95: float
    num_failed: int
    num_dead: int


@dataclass(frozen=True, slots=True)
class Worker:
    """A process and its memory."""

    source: str
    slot: str
    memory: float


@dataclass(frozen=True, slots=True)
class Server:
    """A database server: whether this process reads from it, its lag, reads in a second, seconds that it was out."""

    alias: str
    is_serving: bool
    lag: float | None
    reads: float | None
    out_seconds: float


@dataclass(frozen=True, slots=True)
class Bin:
    """A part of the span: how much all counters rose in a second, and the gauges of each service at its end."""

    rates: Figures
    gauges: list[Figures]


@dataclass(frozen=True, slots=True)
class History:
    """`bins` from the oldest to the newest, None where nothing was kept; `workers` and `latest` are of now."""

    bins: list[Bin | None]
    views: list[View]
    work: list[Work]
    workers: list[Worker]
    drift: Figures
    latest: list[Figures]


def history(span: str, now: datetime) -> History:
    """All services in the span, "hour" or "day". 2 queries."""
    turn = int(now.timestamp()) // EVERY
    width = SPANS[span] // EVERY // NUM_BINS
    rows_by_source = _rows_by_source(turn - NUM_BINS * width, turn)
    ends = {source: (rows[0], rows[-1]) for source, rows in rows_by_source.items()}
    by_name = dict(
        Sample.objects.filter(pk__in={row.pk for pair in ends.values() for row in pair}).values_list("pk", "figures")
    )
    risen = added(*(since(by_name[first.pk], by_name[last.pk]) for first, last in ends.values()))
    living = [last for _, last in ends.values() if last.turn > turn - SILENT_TURNS]
    return History(
        bins=_bins(rows_by_source, turn, width),
        views=_views(risen.get("views", {})),
        work=_work(risen.get("jobs", {})),
        workers=[worker for row in living for worker in _workers(row.source, by_name[row.pk])],
        drift=added(*(since(first.totals, last.totals).get("drift", {}) for first, last in ends.values())),
        latest=[row.totals for row in living],
    )


def database_servers(history: History, span: str) -> list[Server]:
    """The primary and its replicas, now and in the history of this span. No query."""
    fleet = servers.fleet
    return [
        _server(server, [part for part in history.bins if part], span) for server in (fleet.primary, *fleet.replicas)
    ]


def lags(part: Bin) -> dict[str, float]:
    """By replica, in seconds. One that is out for another reason tells nothing: what is known of it is old."""
    found: dict[str, float] = {}
    for gauges in part.gauges:
        for alias, lag in gauges.get("lag", {}).items():
            if lag > LAG_IN_SECONDS or gauges.get("serving", {}).get(alias) != 0:
                found[alias] = max(lag, found.get(alias, 0.0))
    return dict(sorted(found.items()))


def _server(server: servers.Server, parts: list[Bin], span: str) -> Server:
    alias = server.alias
    lag = lags(parts[-1]).get(alias) if parts else None
    num_out = sum(any(gauges.get("serving", {}).get(alias) == 0 for gauges in part.gauges) for part in parts)
    reads = [part.rates["reads"].get(alias, 0.0) for part in parts if "reads" in part.rates]
    mean = sum(reads) / len(reads) if reads else None
    return Server(alias, server.is_serving, lag, mean, num_out * SPANS[span] / NUM_BINS)


def _rows_by_source(after: int, until: int) -> dict[str, list[Any]]:
    """Turn, source, totals and key of all samples, by source, oldest first. 1 query."""
    rows = Sample.objects.filter(turn__gt=after, turn__lte=until).order_by("turn", "source")
    found: dict[str, list[Any]] = {}
    for row in rows.values_list("turn", "source", "totals", "pk", named=True):
        found.setdefault(row.source, []).append(row)
    return found


def _bins(rows_by_source: Mapping[str, Sequence[Any]], turn: int, width: int) -> list[Bin | None]:
    """Of each source the last sample in each part counts, compared with the one before it."""
    rates: list[list[Figures]] = [[] for _ in range(NUM_BINS)]
    gauges: list[list[Figures]] = [[] for _ in range(NUM_BINS)]
    for rows in rows_by_source.values():
        last = {NUM_BINS - 1 - (turn - row.turn) // width: row for row in rows}
        for place, row in last.items():
            gauges[place].append(row.totals)
        for (_, before), (place, row) in pairwise(last.items()):
            risen = since(before.totals, row.totals)
            rates[place].append(scaled(risen, 1 / (EVERY * (row.turn - before.turn))))
    return [Bin(added(*rates[place]), gauges[place]) if gauges[place] else None for place in range(NUM_BINS)]


def _views(risen: Figures) -> list[View]:
    """The slowest first."""
    views = [_view(name, figures) for name, figures in risen.items() if _number(figures.get("statuses", {}))]
    return sorted(views, key=lambda view: (-view.p95, view.name))


def _view(name: str, figures: Figures) -> View:
    return View(
        name=name,
        number=_number(figures["statuses"]),
        median=quantile(0.5, figures["le"]) or 0.0,
        p95=quantile(0.95, figures["le"]) or 0.0,
        num_errors=_number({status: value for status, value in figures["statuses"].items() if status >= "500"}),
        ready_percent=ready_percent(figures.get("outcomes", {})),
    )


def ready_percent(outcomes: Figures) -> float | None:
    """How many of the page cache's answers needed no render; None of none."""
    number = sum(outcomes.values())
    return 100 - 100 * sum(outcomes.get(made, 0) for made in MADE) / number if number else None


def _work(risen: Figures) -> list[Work]:
    """What took most time in all first."""
    done = [(figures["seconds"], name, figures) for name, figures in risen.items() if _number(figures["outcomes"])]
    return [_job(name, figures) for _, name, figures in sorted(done, key=lambda row: (-row[0], row[1]))]


def _job(name: str, figures: Figures) -> Work:
    number = _number(figures["outcomes"])
    return Work(
        name=name,
        number=number,
        mean=figures["seconds"] / number,
        p95=quantile(0.95, figures["le"]) or 0.0,
        num_failed=round(figures["outcomes"].get("failed", 0)),
        num_dead=round(figures["outcomes"].get("dead", 0)),
    )


def _workers(source: str, by_name: Figures) -> list[Worker]:
    # A parent that only forks tells of no memory.
    return [Worker(source, slot, memory) for slot, memory in sorted(by_name["memory"].items()) if memory]


def _number(counts: Figures) -> int:
    return round(sum(counts.values()))
