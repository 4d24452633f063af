"""What the counters of a service say, in a form that can be kept, added and subtracted. Not here: keeping it."""

import os
import socket
from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import isnan
from pathlib import Path
from typing import Any

from prometheus_client.metrics_core import Metric

from apps.core import counting

# Numbers by names, in as many levels as it takes.
Figures = dict[str, Any]
# Where the samples of a metric are added up; words in braces are their labels.
PLACES = {
    "requests_seconds_bucket": ("views", "{view}", "le", "{le}"),
    "requests_seconds_sum": ("views", "{view}", "seconds"),
    "requests_seconds_count": ("views", "{view}", "statuses", "{status}"),
    "pagecache_answers_total": ("views", "{view}", "outcomes", "{outcome}"),
    "jobs_run_seconds_bucket": ("jobs", "{name}", "le", "{le}"),
    "jobs_run_seconds_count": ("jobs", "{name}", "outcomes", "{outcome}"),
    "jobs_run_seconds_sum": ("jobs", "{name}", "seconds"),
    "jobs_oldest_due_seconds": ("oldest", "{queue}"),
    "replicas_reads_total": ("reads", "{alias}"),
    "replicas_lag_seconds": ("lag", "{alias}"),
    "replicas_serving": ("serving", "{alias}"),
    "votes_drift_total": ("drift", "{counter}"),
    "requests_threads": ("threads",),
    "process_memory_bytes": ("memory", "{pid}"),
}
BY_NAME = ("views", "jobs", "memory")
# A replica that shows nothing is infinitely late, which no database keeps in JSON.
LARGEST = 1e15


def source() -> str:
    """This process's service, such as "web1/web-0"."""
    return f"{socket.gethostname()}/{Path(os.environ.get(counting.VARIABLE, 'here')).name}"


def take(found: Iterable[Metric]) -> tuple[Figures, Figures]:
    """Totals and figures as samples have them."""
    figures: Figures = {}
    for family in found:
        for sample in family.samples:
            # What is not known is not kept: JSON has no word for it.
            if (place := PLACES.get(sample.name)) and not isnan(sample.value):
                _add(figures, [step.format_map(defaultdict(str, sample.labels)) for step in place], sample.value)
    by_name = {name: figures.pop(name, {}) for name in BY_NAME}
    sums = {name: added(*by_name[name].values()) for name in ("views", "jobs")}
    return figures | sums | {"memory": sum(by_name["memory"].values())}, by_name


def added(*parts: Figures) -> Figures:
    """The sums of all numbers, name by name."""
    total: Figures = {}
    for part in parts:
        for name, value in part.items():
            is_deep = isinstance(value, dict)
            total[name] = added(total.get(name, {}), value) if is_deep else total.get(name, 0) + value
    return total


def since(before: Figures, now: Figures) -> Figures:
    """How much the counters have risen; one that has fallen was begun anew meanwhile."""
    risen: Figures = {}
    for name, value in now.items():
        if isinstance(value, dict):
            risen[name] = since(before.get(name, {}), value)
        else:
            risen[name] = value - was if value >= (was := before.get(name, 0)) else value
    return risen


def scaled(figures: Figures, factor: float) -> Figures:
    """All numbers times `factor`."""
    return {
        name: scaled(value, factor) if isinstance(value, dict) else value * factor for name, value in figures.items()
    }


def highest(parts: Iterable[dict[str, float]]) -> dict[str, float]:
    """The highest number of each name, by name: of gauges that several services set from the same source."""
    found: dict[str, float] = {}
    for part in parts:
        found |= {name: max(value, found.get(name, value)) for name, value in part.items()}
    return dict(sorted(found.items()))


def quantile(share: float, buckets: dict[str, float]) -> float | None:
    """The time that so large a share of the counted ones took at most, within its bucket by proportion; None of none.

    As Prometheus' histogram_quantile has it: beyond the last bound it is that bound.
    """
    rows = sorted((float(bound), count) for bound, count in buckets.items())
    if not rows or not rows[-1][1]:
        return None
    wanted, floor, below = share * rows[-1][1], 0.0, 0.0
    for bound, count in rows:
        if count >= wanted:
            return floor if bound == float("inf") else floor + (bound - floor) * (wanted - below) / (count - below or 1)
        floor, below = bound, count
    return floor


def is_beyond(share: float, buckets: dict[str, float]) -> bool:
    """Whether that time lies beyond the last bound, so that all that is known of it is that it is longer."""
    counts = {float(bound): count for bound, count in buckets.items()}
    number = counts.pop(float("inf"), 0.0)
    return max(counts.values(), default=0.0) < share * number


def _add(figures: Figures, place: Sequence[str], value: float) -> None:
    *way, last = place
    for step in way:
        figures = figures.setdefault(step, {})
    figures[last] = min(figures.get(last, 0) + value, LARGEST)
