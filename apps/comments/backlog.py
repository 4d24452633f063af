"""What waits to be folded, and for how long: seen by looking each second."""

import time

from apps.comments import metrics
from apps.comments.queries.pending import oldest_pending

# The oldest deltas of comments and of stories, each with the moment at which it was first seen. Deltas have no time of
# their own, since voters would pay for it.
_oldest: dict[int, tuple[int, float]] = {}


def is_any() -> bool:
    """Whether anything waits; notes for how long the oldest has. 2 queries."""
    now = time.monotonic()
    for kind, pk in enumerate(oldest_pending()):
        known, since = _oldest.get(kind, (0, now))
        _oldest[kind] = (pk, since if pk == known else now)
    waits = [now - since for pk, since in _oldest.values() if pk]
    metrics.LAG.set(max(waits, default=0))
    return bool(waits)
