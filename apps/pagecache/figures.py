"""What the counters of this machine's processes say of each cached view."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from apps.core import counting


@dataclass(slots=True)
class Figures:
    """One view since its processes started; `fill_seconds` is the mean of a render, all others count answers."""

    view: str
    hit: int = 0
    own: int = 0
    stale: int = 0
    miss: int = 0
    waited: int = 0
    uncached: int = 0
    shed: int = 0
    error: int = 0
    fills: int = 0
    fill_seconds: float = 0.0

    @property
    def hit_rate(self) -> float:
        """Answers that needed no render, of all."""
        ready = self.hit + self.own + self.stale + self.waited + self.shed + self.error
        return ready / (ready + self.miss + self.uncached or 1)


def by_view() -> list[Figures]:
    """The views by the number of their renders, the dearest first. No query."""
    views: dict[str, Figures] = defaultdict(lambda: Figures(""))
    for name, labels, value in _samples():
        figures = views[labels["view"]]
        figures.view = labels["view"]
        if name == "pagecache_answers_total":
            setattr(figures, labels["outcome"], int(value))
        elif name == "pagecache_fill_seconds_count":
            figures.fills = int(value)
        elif name == "pagecache_fill_seconds_sum":
            figures.fill_seconds = value
    for figures in views.values():
        figures.fill_seconds /= figures.fills or 1
    return sorted(views.values(), key=lambda figures: -figures.fills * figures.fill_seconds)


def _samples() -> Iterator[tuple[str, dict[str, str], float]]:
    for family in counting.families():
        if family.name in {"pagecache_answers", "pagecache_fill_seconds"}:
            yield from ((sample.name, sample.labels, sample.value) for sample in family.samples)
