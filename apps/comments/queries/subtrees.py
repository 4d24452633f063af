"""As much of a thread at once as a program likes, and where the rest is."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

from apps.comments import threads
from apps.comments.models import Comment
from apps.comments.queries.levels import Extent, twig, with_replies
from apps.comments.queries.rows import ORDERS, CommentRow, as_row
from apps.core import cursors
from apps.core.cursors import Cursor, Order, Page, paginate
from apps.stories.models import Story


@dataclass(frozen=True, slots=True)
class Cut:
    """Below the comment `parent_id` are `num_comments` live ones more; `rest` is the cursor of the first, if any is
    shown.
    """

    parent_id: int
    num_comments: int
    rest: str


def subtree(
    story: Story, parent: Comment | None, *, order: str, cursor: Cursor | None, extent: Extent
) -> tuple[Page[CommentRow], list[Cut]]:
    """As much of what is below `parent`, or the story, as `extent` says, in reading order, and where something is left
    out: whoever reads all of that too, and the next pages, has every comment once. At most 4 queries.
    """
    keys, top = ORDERS[order], parent.pk if parent else None
    found = Comment.objects.shown().filter(story=story.pk, parent=top).values("id", keys.field)
    page = paginate(found, order=keys, cursor=cursor, size=extent.roots)
    # Of each one's replies one more, which tells that there are more.
    rows, unfinished = with_replies([row["id"] for row in page.rows], keys, replace(extent, width=extent.width + 1))
    known = _by_parent(rows)
    shown = {pk: family[: extent.width] for pk, family in known.items() if pk not in unfinished and pk != top}
    kept = _fitting(threads.reading_order(known[top], shown), extent)
    replies = _by_parent(kept)
    # Where nobody has looked yet.
    leaves = _answered([row["id"] for row in kept if not known[row["id"]]])
    cut = [row for row in kept if row["id"] in leaves or len(known[row["id"]]) > len(replies[row["id"]])]
    last = replies[top][-1:]
    following = cursors.after(last[0], keys) if last and last[0]["id"] != page.rows[-1]["id"] else page.next
    title = {"story_id": story.pk, "story__title": "" if story.is_gone else story.title}
    answer = Page([as_row(row | title) for row in kept], page.previous, following)
    return answer, [_cut(row, replies[row["id"]], keys) for row in cut]


def _by_parent(rows: list[dict[str, Any]]) -> dict[int | None, list[dict[str, Any]]]:
    found: dict[int | None, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["parent_id"]].append(row)
    return found


def _fitting(rows: list[dict[str, Any]], extent: Extent) -> list[dict[str, Any]]:
    """The first of the rows, at least one, that are not too much. Any beginning of a thread is a thread."""
    lengths = accumulate(len(row["body__html"] or "") for row in rows)
    return rows[: max(1, sum(length <= extent.characters for length in lengths))]


def _answered(ids: Sequence[int]) -> set[int]:
    """Which of these comments have replies to show. 1 query, none without ids."""
    if not ids:
        return set()
    return set(Comment.objects.shown().filter(parent__in=ids).values_list("parent_id", flat=True).distinct())


def _cut(row: dict[str, Any], replies: list[dict[str, Any]], keys: Order) -> Cut:
    missing = row["num_descendants"] - sum(twig(reply).size for reply in replies)
    return Cut(row["id"], max(missing, 1), cursors.after(replies[-1], keys) if replies else "")
