"""What is below some comments, level by level, whatever the thread's size."""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from apps.comments import threads
from apps.comments.models import MAX_DEPTH, Comment
from apps.comments.queries.rows import COLUMNS
from apps.core.cursors import Order

ROOTS_SHOWN = 40
# Level by level from the roots, the first replies of each comment: an index gives them, however many there are.
BRANCHES = """
WITH RECURSIVE branch (id, level) AS (
    VALUES {roots}
    UNION ALL
    SELECT reply.value, level + 1 FROM branch, {each_reply} WHERE level < {depth}
)
SELECT id FROM branch LIMIT {limit}
"""
REPLIES = """
SELECT id FROM comments_comment
WHERE parent_id = branch.id
    AND (removed_at IS NULL AND deleted_at IS NULL OR num_descendants > 0)
ORDER BY {order} LIMIT {limit}
"""
# A list for each row of another one, in order.
EACH_REPLY = {
    "postgresql": "LATERAL ({replies}) reply (value)",
    "sqlite": "json_each((SELECT json_group_array(id) FROM ({replies}))) reply",
}


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of a thread is read at once: roots, replies to each comment, levels, comments, characters of HTML."""

    roots: int = ROOTS_SHOWN
    width: int = threads.REPLIES_SHOWN
    depth: int = MAX_DEPTH
    shown: int = threads.SHOWN
    characters: int = 10**9


def with_replies(roots: list[int], keys: Order, extent: Extent) -> tuple[list[dict[str, Any]], set[int]]:
    """The roots and what is shown below them, all in order; and those of them where there was no place for replies."""
    if not roots:
        return [], set()
    replies = REPLIES.format(order=", ".join(_sql(key) for key in keys.columns()), limit=extent.width)
    branches = BRANCHES.format(
        roots=", ".join(["(CAST(%s AS bigint), 1)"] * len(roots)),
        depth=extent.depth,
        each_reply=EACH_REPLY[connection.vendor].format(replies=replies),
        # One more shows where the list ends.
        limit=extent.shown + 1,
    )
    # Two queries, since PostgreSQL may take the first one for a filter and run it for each row of the second.
    shown = [comment.pk for comment in Comment.objects.raw(branches, roots)]
    rows = list(Comment.objects.filter(pk__in=shown).order_by(*keys.columns()).values(*COLUMNS, keys.field))
    if len(shown) <= extent.shown:
        return rows, set()
    first_left_out = next(row for row in rows if row["id"] == shown[-1])
    return rows, set(shown[shown.index(first_left_out["parent_id"]) :])


def twig(row: dict[str, Any]) -> threads.Twig:
    """A row as `threads` lays it out."""
    is_live = row["deleted_at"] is None and row["removed_at"] is None
    return threads.Twig(row["id"], row["parent_id"], row["num_descendants"], is_live)


def _sql(key: str) -> str:
    return f"{key.removeprefix('-')} DESC" if key.startswith("-") else key
