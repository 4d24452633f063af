"""Where imported comments stand, and how many replies are below them. Pure: no queries."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from apps.comments.models import MAX_DEPTH
from apps.importing.items import Item, Key


@dataclass(slots=True)
class Position:
    """Where a comment stands: `pk`, `story_id` and so on as in its row. A story is the place of depth -1."""

    pk: int
    story_id: int
    parent_id: int | None = None
    root_id: int | None = None
    path: str = ""
    depth: int = -1


@dataclass(frozen=True, slots=True)
class Replies:
    """Live comments directly and anywhere below others, by primary key of those."""

    direct: dict[int, int]
    all: dict[int, int]


def parents_first(items: Mapping[Key, Item], rooted: Iterable[Key]) -> Iterator[tuple[Key, Item]]:
    """Those of `items` that are stories, or below one of them or of `rooted`; each after its parent.

    The rest are orphans, cycles, and what hangs below them.
    """
    replies: dict[Key, list[tuple[Key, Item]]] = defaultdict(list)
    waiting = deque(rooted)
    for key, item in items.items():
        if item.kind == "story":
            waiting.append(key)
            yield key, item
        else:
            replies[item.source, item.parent].append((key, item))
    while waiting:
        for reply in replies.pop(waiting.popleft(), ()):
            waiting.append(reply[0])
            yield reply


def below(above: Position, pk: int) -> Position:
    """The place of a new comment under `above`; under a comment on the last level it becomes that one's sibling."""
    if above.depth == MAX_DEPTH - 1:
        return Position(pk, above.story_id, above.parent_id, above.root_id, above.path, above.depth)
    if above.depth < 0:
        return Position(pk, above.story_id, depth=0)
    path = f"{above.path}.{above.pk}" if above.path else str(above.pk)
    return Position(pk, above.story_id, above.pk, above.root_id or above.pk, path, above.depth + 1)


def count_replies(positions: Sequence[Position], are_live: Sequence[bool]) -> Replies:
    """What new comments, parents first, add to themselves and to all above them."""
    direct: dict[int, int] = {}
    everywhere: dict[int, int] = {}
    new = {position.pk for position in positions}
    for position, is_live in zip(reversed(positions), reversed(are_live), strict=True):
        parent = position.parent_id
        count = everywhere.get(position.pk, 0) + is_live
        if not (parent and count):
            continue
        if is_live:
            direct[parent] = direct.get(parent, 0) + 1
        # Above a new comment all is counted when its turn comes; above an old one its path tells who is there.
        for ancestor in (parent,) if parent in new else map(int, position.path.split(".")):
            everywhere[ancestor] = everywhere.get(ancestor, 0) + count
    return Replies(direct, everywhere)
