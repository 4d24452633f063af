"""Rows of the operations page's tables."""

from dataclasses import dataclass

from apps.observability.figures import Figures, highest, is_beyond, quantile
from apps.observability.queries import NUM_BINS, SPANS, Bin, History
from apps.replicas import servers

# Answers of the page cache that had to be made.
MADE = ("miss", "uncached")


@dataclass(frozen=True, slots=True)
class View:
    """One view: requests, seconds that half and 95 % of them took at most, errors, and how many of the page cache's
    answers needed no render. `is_over`: some of the 95 % took longer than that, nobody knows how long.
    """

    name: str
    number: int
    median: float
    p95: float
    is_over: bool
    num_errors: int
    ready_percent: float | None


@dataclass(frozen=True, slots=True)
class Work:
    """The jobs of one name: attempts, their mean time and what 95 % of them took at most, failed ones, dead letters.

    `is_over` as of a view.
    """

    name: str
    number: int
    mean: float
    p95: float
    is_over: bool
    num_failed: int
    num_dead: int


@dataclass(frozen=True, slots=True)
class Server:
    """A database server: whether this process reads from it, its lag, reads in a second, seconds that it was out."""

    alias: str
    is_serving: bool
    lag: float | None
    reads: float | None
    out_seconds: float


def views(history: History) -> list[View]:
    """The slowest first."""
    found = history.risen.get("views", {}).items()
    rows = [_view(name, figures) for name, figures in found if _number(figures.get("statuses", {}))]
    return sorted(rows, key=lambda view: (-view.p95, view.name))


def work(history: History) -> list[Work]:
    """What took most time in all first."""
    found = history.risen.get("jobs", {}).items()
    rows = [_work(name, figures) for name, figures in found if _number(figures["outcomes"])]
    return sorted(rows, key=lambda work: (-work.mean * work.number, work.name))


def processes(history: History) -> list[tuple[str, str, float]]:
    """Service, slot and bytes of each. A parent that only forks tells of none."""
    found = ((source, *process) for source, memory in history.memory.items() for process in memory.items())
    return sorted(process for process in found if process[2])


def database_servers(history: History, span: str) -> list[Server]:
    """The primary and its replicas, now and in the history of this span."""
    fleet, parts = servers.fleet, [part for part in history.bins if part]
    return [_server(server, parts, span) for server in (fleet.primary, *fleet.replicas)]


def ready_percent(outcomes: Figures) -> float | None:
    """How many of the page cache's answers needed no render; None of none."""
    number = sum(outcomes.values())
    return 100 - 100 * sum(outcomes.get(made, 0) for made in MADE) / number if number else None


def lags(part: Bin) -> dict[str, float]:
    """By replica, in seconds. One that does not answer tells nothing."""
    return highest(gauges.get("lag", {}) for gauges in part.gauges)


def _view(name: str, figures: Figures) -> View:
    return View(
        name=name,
        number=_number(figures["statuses"]),
        median=quantile(0.5, figures["le"]) or 0.0,
        p95=quantile(0.95, figures["le"]) or 0.0,
        is_over=is_beyond(0.95, figures["le"]),
        num_errors=_number({status: value for status, value in figures["statuses"].items() if status >= "500"}),
        ready_percent=ready_percent(figures.get("outcomes", {})),
    )


def _work(name: str, figures: Figures) -> Work:
    number = _number(figures["outcomes"])
    return Work(
        name=name,
        number=number,
        mean=figures["seconds"] / number,
        p95=quantile(0.95, figures["le"]) or 0.0,
        is_over=is_beyond(0.95, figures["le"]),
        num_failed=round(figures["outcomes"].get("failed", 0)),
        num_dead=round(figures["outcomes"].get("dead", 0)),
    )


def _server(server: servers.Server, parts: list[Bin], span: str) -> Server:
    alias = server.alias
    lag = lags(parts[-1]).get(alias) if parts else None
    num_out = sum(any(gauges.get("serving", {}).get(alias) == 0 for gauges in part.gauges) for part in parts)
    reads = [part.rates["reads"].get(alias, 0.0) for part in parts if "reads" in part.rates]
    mean = sum(reads) / len(reads) if reads else None
    return Server(alias, server.is_serving, lag, mean, num_out * SPANS[span] / NUM_BINS)


def _number(counts: Figures) -> int:
    return round(sum(counts.values()))
