"""How a thread is laid out: which comments of a tree a page shows, in which order. No query here."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Protocol, TypeVar

# A page shows at most this many comments, and this many replies to each one; the rest is a link away.
SHOWN = 200
REPLIES_SHOWN = 10

# The ids of a comment and of what it answers.
Twig = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Place:
    """A comment's place on the page: `level` below the page's roots, `cut` replies left out below it."""

    id: int
    level: int
    cut: int


class HasLevel(Protocol):
    """Anything with a place in a tree, such as a comment's row."""

    @property
    def level(self) -> int:
        """Steps below the page's roots."""


Leveled = TypeVar("Leveled", bound=HasLevel)


def lay_out(roots: Sequence[int], twigs: Iterable[Twig]) -> list[Place]:
    """Places in reading order: each comment, then its replies in the order of `twigs`.

    Comments are admitted level by level, so that no long branch starves the others. Cost: linear in `twigs`.
    """
    children: dict[int, list[int]] = {}
    for comment_id, parent_id in twigs:
        children.setdefault(parent_id, []).append(comment_id)
    admitted = _admitted(roots, children)
    places: list[Place] = []
    stack = [(root, 0) for root in reversed(roots)]
    while stack:
        comment_id, level = stack.pop()
        replies = children.get(comment_id, [])
        shown = [reply for reply in replies[:REPLIES_SHOWN] if reply in admitted]
        places.append(Place(comment_id, level, len(replies) - len(shown)))
        stack.extend((reply, level + 1) for reply in reversed(shown))
    return places


def nested(rows: Sequence[Leveled]) -> Iterator[tuple[Leveled, list[Leveled]]]:
    """Rows in reading order, each with the rows whose branches end after it, innermost first; none before replies."""
    unfinished: list[Leveled] = []
    for row, following in zip_longest(rows, rows[1:]):
        unfinished.append(row)
        level = following.level if following else 0
        yield row, [unfinished.pop() for _ in range(len(unfinished) - level)]


def _admitted(roots: Sequence[int], children: dict[int, list[int]]) -> set[int]:
    admitted = set(roots)
    waiting = deque(roots)
    while waiting and len(admitted) < SHOWN:
        for reply in children.get(waiting.popleft(), [])[:REPLIES_SHOWN]:
            if len(admitted) < SHOWN:
                admitted.add(reply)
                waiting.append(reply)
    return admitted
