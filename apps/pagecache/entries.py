"""A kept page, and whether it may be shown. Pure: no store, no database."""

import enum
import json
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import zstandard
from django.conf import settings

from apps.pagecache.slots import Segments

# After the loss of a database, and when a render fails, pages are shown for so long.
OUTAGE_SECONDS = 3600


class State(enum.Enum):
    """What a kept page is worth at a moment."""

    CURRENT = "current"
    # Nothing on it has changed, but it is about to expire, or has: shown, and rendered anew meanwhile.
    DUE = "due"
    # Something on it has changed, a moment ago: shown to others than who changed it, and rendered anew meanwhile.
    BEHIND = "behind"
    # Shown only when it cannot be rendered anew.
    OLD = "old"
    USELESS = "useless"


@dataclass(slots=True)
class Entry:
    """A page rendered once for all.

    `token`: its snapshot holds everything up to it. `created_at`: Unix time; `seconds`: its life; `grace`: how long
    after its life it is still shown while a new one is rendered; `cost`: seconds that its rendering took.
    """

    view: str
    token: int
    tags: tuple[str, ...]
    created_at: float
    seconds: float
    grace: float
    cost: float
    headers: dict[str, str]
    segments: Segments
    # Of this process alone: when it was last known to be current, and last asked to be rendered anew.
    known_at: float = 0
    asked_at: float = 0
    # Ready to be sent (answers.Neutral).
    neutral: Any = None

    def __post_init__(self) -> None:
        self.known_at = self.known_at or self.created_at

    @property
    def version(self) -> str:
        """Sorts by snapshot, then by time: a text of stores.VERSION_LENGTH."""
        return f"{self.token:032x}{int(self.created_at * 1000):012x}"

    @property
    def size(self) -> int:
        """Bytes in memory, about: the text as segments, and again as a visitor's page with its compressed form."""
        return 2_000 + 2 * sum(map(len, self.segments.literals)) + 400 * len(self.segments.slots)

    def judge(self, stamps: Sequence[int | None], now: float) -> State:
        """What the page is worth, by the stamps of the epoch and of its tags."""
        epoch, *of_tags = stamps
        age = now - self.created_at
        if epoch is None or epoch > self.token or age > OUTAGE_SECONDS:
            return State.USELESS
        if any(stamp is None or stamp > self.token for stamp in of_tags):
            return State.BEHIND if self.is_recent(now) else State.OLD
        self.known_at = now
        if age + self._head_start() < self.seconds:
            return State.CURRENT
        return State.DUE if age < self.seconds + self.grace else State.OLD

    def is_recent(self, now: float) -> bool:
        """Whether it was current a moment ago, so that it can lack only what happened since."""
        return now - self.known_at < settings.PAGECACHE_BEHIND_SECONDS

    def _head_start(self) -> float:
        """Seconds by which to render anew early, at random: the dearer the page, the earlier, and never all at once.

        XFetch, with a beta of 1 (Vattani et al., "Optimal probabilistic cache stampede prevention", 2015).
        """
        return -self.cost * math.log(1 - random.random())  # noqa: S311 (no secret)

    def encode(self) -> bytes:
        """The page for the store."""
        fields = (self.view, self.token, self.tags, self.created_at, self.seconds, self.grace, self.cost, self.headers)
        parts = (*fields, self.segments.literals, self.segments.slots)
        return zstandard.compress(json.dumps(parts, separators=(",", ":")).encode())

    @classmethod
    def decode(cls, kept: bytes) -> Self:
        """The page that `encode` made."""
        view, token, tags, created_at, seconds, grace, cost, headers, literals, slots = json.loads(
            zstandard.decompress(kept)
        )
        segments = Segments(literals, [(kind, tuple(arguments)) for kind, arguments in slots])
        return cls(view, token, tuple(tags), created_at, seconds, grace, cost, headers, segments)
