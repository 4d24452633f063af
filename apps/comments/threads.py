"""How a thread is laid out: the comments of a page in reading order, and what is left out. No query here."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

# A page shows at most this many comments, and this many replies to each one; the rest is a link away.
SHOWN = 200
REPLIES_SHOWN = 10

Row = dict[str, Any]


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


def lay_out(roots: Sequence[int], twigs: Iterable[Twig], unfinished: Collection[int] = ()) -> list[Place]:
    """Places in reading order: each comment, then its replies in the order of `twigs`.

    `twigs` holds the roots, and below them for each comment its first REPLIES_SHOWN replies; not all of them for those
    in `unfinished`, where the list ended: of these no reply is shown. Counts may be a moment old, so they only say how
    many are left out.
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
        shown, cut = ([], twig.num_descendants) if twig.id in unfinished else _family(twig, replies[twig.id])
        places.append(Place(twig.id, level, cut))
        stack.extend((reply, level + 1) for reply in reversed(shown))
    return places


def reading_order(roots: Sequence[Row], replies: Mapping[int | None, Sequence[Row]]) -> list[Row]:
    """Each row right before those below it; `replies` holds a row's replies by its id."""
    found: list[Row] = []
    stack = list(reversed(roots))
    while stack:
        row = stack.pop()
        found.append(row)
        stack.extend(reversed(replies.get(row["id"], ())))
    return found


def _family(twig: Twig, replies: list[Twig]) -> tuple[list[Twig], int]:
    """The replies to show, and how many comments are left out."""
    cut = twig.num_descendants - sum(reply.size for reply in replies)
    return replies, max(cut, 0) if len(replies) == REPLIES_SHOWN else 0
