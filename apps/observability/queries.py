"""How the site has done in the last hour or day, as its services kept it. Not here: what is shown of it (charts.py,
tables.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from apps.observability.figures import Figures, added, scaled, since
from apps.observability.models import EVERY, Sample

SPANS = {"hour": 3600, "day": 86_400}
NUM_BINS = 60
# A service that has kept nothing for so many turns has ended.
SILENT_TURNS = 6


@dataclass(frozen=True, slots=True)
class Bin:
    """A part of the span: how much all counters rose in a second, and the gauges of each service at its end."""

    rates: Figures
    gauges: list[Figures]


@dataclass(frozen=True, slots=True)
class History:
    """`bins` from the oldest to the newest, None where nothing was kept; how much all counters rose in the whole span;
    the memory of each process of the services that still live.
    """

    bins: list[Bin | None]
    risen: Figures
    memory: dict[str, Figures]


def history(span: str, now: datetime) -> History:
    """All services in the span, "hour" or "day". 2 queries."""
    turn = int(now.timestamp()) // EVERY
    width = SPANS[span] // EVERY // NUM_BINS
    rows_by_source = _rows_by_source(turn - NUM_BINS * width, turn)
    lives = [life for rows in rows_by_source.values() for life in _lives(rows)]
    keys = {row.pk for life in lives for row in life if row}
    by_name = dict(Sample.objects.filter(pk__in=keys).values_list("pk", "figures"))
    # By name where there is a name.
    whole = {row.pk: row.totals | by_name[row.pk] for life in lives for row in life if row}
    risen = [since(whole[first.pk] if first else {}, whole[last.pk]) for first, last in lives]
    living = [rows[-1] for rows in rows_by_source.values() if rows[-1].turn > turn - SILENT_TURNS]
    memory = {row.source: by_name[row.pk]["memory"] for row in living}
    return History(_bins(rows_by_source, turn, width), added(*risen), memory)


def _lives(rows: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """The first and the last sample between two starts of a service; no first one where it has begun anew."""
    first = rows[0]
    for before, row in pairwise(rows):
        if _counted(row) < _counted(before):
            yield first, before
            first = None
    yield first, rows[-1]


def _counted(row: Any) -> float:
    """What never falls while a service lives: its requests and its attempts of jobs."""
    views, jobs = row.totals.get("views", {}), row.totals.get("jobs", {})
    return float(sum(views.get("statuses", {}).values()) + sum(jobs.get("outcomes", {}).values()))


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
