"""Charts of the operations page: which figures they show, and the lines that their SVG draws. No arithmetic is left to
templates.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from apps.observability.figures import Figures, quantile
from apps.observability.queries import NUM_BINS, Bin, History, lags, ready_percent

WIDTH, HEIGHT = 300, 80
# Rows of the table that says the same in words: every so manieth part of the span.
STEP = NUM_BINS // 12

Values = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart: its SVG path, and its last and highest value in words."""

    name: str
    path: str
    now: str
    highest: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`top` is the value at the upper edge, in words; `rows` say the same at some ages, the newest first."""

    title: str
    top: str
    lines: list[Line]
    rows: list[tuple[str, list[str]]]


def charts(history: History, minutes: int) -> list[Chart]:
    """Those that have something to show, of so many minutes."""
    ages = [f"{minutes * (NUM_BINS - 1 - place) // NUM_BINS} min" for place in range(NUM_BINS)]
    made = (
        _chart(title, unit, ages, [read(part) if part else {} for part in history.bins]) for title, unit, read in CHARTS
    )
    return [chart for chart in made if chart.lines]


def words(value: float | None, unit: str) -> str:
    """A number as short as people read it, with its unit; a dash for none."""
    if value is None:
        return "–"
    if unit == "s" and 0 < value < 1:
        value, unit = 1000 * value, "ms"
    digits = 0 if value >= 100 or value == int(value) else 1 if value >= 10 or unit in {"%", "ms"} else 2
    return f"{value:,.{digits}f}{'' if unit in {'', '/s'} else ' '}{unit}"


def _chart(title: str, unit: str, ages: Sequence[str], parts: Sequence[Values]) -> Chart:
    names = list(dict.fromkeys(name for part in parts for name in part))
    columns = {name: [part.get(name) for part in parts] for name in names}
    top = (
        100.0
        if unit == "%"
        else _round_up(max((value or 0 for values in columns.values() for value in values), default=0))
    )
    rows = [
        (ages[place], [words(columns[name][place], unit) for name in names]) for place in range(NUM_BINS - 1, -1, -STEP)
    ]
    return Chart(title, words(top, unit), [_line(name, columns[name], top, unit) for name in names], rows)


def _line(name: str, values: Sequence[float | None], top: float, unit: str) -> Line:
    known = [value for value in values if value is not None]
    return Line(name, _path(values, top), words(values[-1], unit), words(max(known, default=None), unit))


def _path(values: Sequence[float | None], top: float) -> str:
    """A line from value to value, with a gap where there is none."""
    steps, is_drawing = [], False
    for place, value in enumerate(values):
        if value is not None:
            x, y = WIDTH * place / (len(values) - 1), HEIGHT * (1 - min(value / top, 1))
            # Without its length of nothing, a point between two gaps would not be drawn.
            steps.append(f"{'L' if is_drawing else 'M'}{x:.1f} {y:.1f}{'' if is_drawing else 'h0'}")
        is_drawing = value is not None
    return "".join(steps)


def _round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, 20 …, or of their fractions."""
    if value <= 0:
        return 1.0
    size = 10.0 ** math.floor(math.log10(value))
    return next(size * step for step in (1, 2, 5, 10) if size * step >= value)


def _requests(part: Bin) -> Values:
    statuses: Figures = _views(part).get("statuses", {})
    errors = sum(rate for status, rate in statuses.items() if status >= "500")
    return {"all": sum(statuses.values()), "errors": errors} if statuses else {}


def _times(part: Bin) -> Values:
    buckets: Figures = _views(part).get("le", {})
    return {"half within": quantile(0.5, buckets), "95 % within": quantile(0.95, buckets)} if buckets else {}


def _ready(part: Bin) -> Values:
    percent = ready_percent(_views(part).get("outcomes", {}))
    return {} if percent is None else {"of kept pages": percent}


def _threads(part: Bin) -> Values:
    """Busy ones on average: the seconds of all requests that ended in a second."""
    return {"busy": _views(part).get("seconds", 0.0), "there are": _sum(part, "threads")} if _views(part) else {}


def _oldest(part: Bin) -> Values:
    """All who tell of a queue look at the same table, but not at the same moment."""
    found: dict[str, float] = {}
    for gauges in part.gauges:
        for queue, seconds in gauges.get("oldest", {}).items():
            found[queue] = max(seconds, found.get(queue, 0.0))
    return dict(sorted(found.items()))


def _reads(part: Bin) -> Values:
    return dict(sorted(part.rates.get("reads", {}).items()))


def _lag(part: Bin) -> Values:
    return dict(lags(part))


def _memory(part: Bin) -> Values:
    return {"all processes": _sum(part, "memory") / 1e6}


def _views(part: Bin) -> Figures:
    found: Figures = part.rates.get("views", {})
    return found


def _sum(part: Bin, name: str) -> float:
    return float(sum(gauges.get(name, 0) for gauges in part.gauges))


CHARTS: list[tuple[str, str, Callable[[Bin], Values]]] = [
    ("Requests", "/s", _requests),
    ("Time of an answer", "s", _times),
    ("Answered without a render", "%", _ready),
    ("Threads", "", _threads),
    ("Oldest due job", "s", _oldest),
    ("Memory", "MB", _memory),
    ("Reads by server", "/s", _reads),
    ("Lag of replicas", "s", _lag),
]
