"""How the site has done in the last hour or day, as its services kept it. Not here: what is shown of it (charts.py,
tables.py).
"""

from collections.abc import Mapping, Sequence
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
    """All services in the span, "hour" or "day". A service that was begun anew in it counts from then on. 2 queries."""
    turn = int(now.timestamp()) // EVERY
    width = SPANS[span] // EVERY // NUM_BINS
    rows_by_source = _rows_by_source(turn - NUM_BINS * width, turn)
    ends = {source: (rows[0], rows[-1]) for source, rows in rows_by_source.items()}
    keys = {row.pk for pair in ends.values() for row in pair}
    by_name = dict(Sample.objects.filter(pk__in=keys).values_list("pk", "figures"))
    risen = [since(first.totals | by_name[first.pk], last.totals | by_name[last.pk]) for first, last in ends.values()]
    living = [last for _, last in ends.values() if last.turn > turn - SILENT_TURNS]
    memory = {row.source: by_name[row.pk]["memory"] for row in living}
    return History(_bins(rows_by_source, turn, width), added(*risen), memory)


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
