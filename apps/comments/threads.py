"""How a thread is laid out: the comments of a page in reading order, and what is left out. No query here."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

# A page shows at most this many comments, and this many replies to each one; the rest is a link away.
SHOWN = 200
REPLIES_SHOWN = 10


class Twig(NamedTuple):
    """A comment with what it answers and how many live comments are below it."""

    id: int
    parent_id: int | None
    num_descendants: int
    is_live: bool

    @property
    def size(self) -> int:
        """Live comments from here down."""
        return self.is_live + self.num_descendants


@dataclass(frozen=True, slots=True)
class Place:
    """A comment's place on the page: `level` below the page's roots, `cut` live comments below it left out."""

    id: int
    level: int
    cut: int


def lay_out(roots: Sequence[int], twigs: Iterable[Twig], width: int = REPLIES_SHOWN) -> list[Place]:
    """Places in reading order: each comment, then its replies in the order of `twigs`.

    `twigs` holds the roots, and below them for each comment its first `width` replies, except that the list may
    end anywhere: of the comment where it does, no reply is shown.
    """
    by_id: dict[int, Twig] = {}
    replies: dict[int | None, list[Twig]] = defaultdict(list)
    for twig in twigs:
        by_id[twig.id] = twig
        replies[twig.parent_id].append(twig)
    places: list[Place] = []
    stack = [(by_id[root], 0) for root in reversed(roots)]
    while stack:
        twig, level = stack.pop()
        shown, cut = _family(twig, replies[twig.id], width)
        places.append(Place(twig.id, level, cut))
        stack.extend((reply, level + 1) for reply in reversed(shown))
    return places


def _family(twig: Twig, replies: list[Twig], width: int) -> tuple[list[Twig], int]:
    """The replies to show, and how many comments are left out: all of them where the list ended."""
    cut = twig.num_descendants - sum(reply.size for reply in replies)
    if cut > 0 and len(replies) < width:
        return [], twig.num_descendants
    return replies, max(cut, 0)
