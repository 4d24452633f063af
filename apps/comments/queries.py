"""Questions about comments: a story's thread, one comment in its place, what somebody wrote."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.accounts.models import User, shown_name
from apps.comments import threads
from apps.comments.models import Comment, CommentDelta, Visit
from apps.core.cursors import Cursor, Order, Page, paginate
from apps.stories.models import Story, StoryDelta

ROOTS_SHOWN = 40
SIBLINGS_SHOWN = 5
PAGE_SIZE = 25
ORDERS = {
    "best": Order("confidence", "float"),
    "top": Order("score", "int"),
    "newest": Order("created_at", "time"),
    "oldest": Order("created_at", "time", ascending=True),
    "controversial": Order("controversy", "float"),
}
NEWEST = ORDERS["newest"]

COLUMNS = (
    *("id", "parent_id", "depth", "author_id", "author__username", "created_at", "edited_at", "deleted_at"),
    *("removed_at", "score", "num_descendants", "body__html"),
)
STORY_COLUMNS = ("story_id", "story__title", "story__slug", "story__deleted_at")

# Level by level from the roots, the first replies of each comment: an index gives them, however many there are.
BRANCHES = """
WITH RECURSIVE branch (id) AS (
    VALUES {roots}
    UNION ALL
    SELECT reply.value FROM branch, {each_reply}
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
class CommentRow:
    """A comment as a page shows it. `level` counts from the page's own roots, `cut` comments below are left out.

    `story_title` is "" when its author has deleted the story.
    """

    id: int
    parent_id: int | None
    depth: int
    author_id: int | None
    author: str
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    removed_at: datetime | None
    score: int
    num_descendants: int
    html: str
    level: int = 0
    cut: int = 0
    story_id: int = 0
    story_title: str = ""
    story_slug: str = ""

    @property
    def is_gone(self) -> bool:
        """Whether only a placeholder is shown."""
        return self.deleted_at is not None or self.removed_at is not None


def thread(story: Story, *, order: str, cursor: Cursor | None) -> Page[CommentRow]:
    """A page of 40 roots with the replies that fit, in reading order. 3 queries, whatever the thread's size."""
    return _branches(story.pk, None, order, cursor)


def replies(comment: Comment, *, order: str, cursor: Cursor | None) -> Page[CommentRow]:
    """A page of 40 direct replies with the replies below them that fit. 3 queries."""
    return _branches(comment.story_id, comment.pk, order, cursor)


def ancestors(comment: Comment) -> list[CommentRow]:
    """The comments above, from the root down. 1 query, none for a root."""
    if not (ids := comment.ancestor_ids):
        return []
    rows = _rows(Comment.objects.filter(pk__in=ids).values(*COLUMNS))
    return sorted(rows, key=lambda row: row.depth)


def siblings(comment: Comment) -> list[CommentRow]:
    """The best five other answers to what this comment answers. 1 query."""
    others = Comment.objects.live().filter(story=comment.story_id, parent=comment.parent_id).exclude(pk=comment.pk)
    return _rows(others.order_by("-confidence", "-id").values(*COLUMNS)[:SIBLINGS_SHOWN])


def row_of(comment: Comment) -> CommentRow:
    """One loaded comment as a row. 1 query."""
    return _rows(Comment.objects.filter(pk=comment.pk).values(*COLUMNS))[0]


def by_person(person: User, *, cursor: Cursor | None) -> Page[CommentRow]:
    """What a person wrote, newest first, with the stories' titles. 1 query."""
    return _listed(Q(author=person), cursor)


def of_story(story: Story, *, cursor: Cursor | None) -> Page[CommentRow]:
    """The newest comments on one story. 1 query."""
    return _listed(Q(story=story), cursor)


def newest(*, cursor: Cursor | None) -> Page[CommentRow]:
    """The newest comments of the whole site, with the stories' titles. 1 query."""
    return _listed(Q(), cursor)


def listed_rows(ids: list[int]) -> list[CommentRow]:
    """Those of these comments that lists show, with the stories' titles, in no order. 1 query."""
    return _rows(_listable(Q(pk__in=ids)))


def last_visit(user: User, story_id: int) -> datetime | None:
    """When `user` last read the thread. 1 query."""
    return Visit.objects.filter(user=user, story=story_id).values_list("visited_at", flat=True).first()


def last_activity(story: Story) -> datetime:
    """When the newest live comment was written, or the story itself. 1 query."""
    newest = Comment.objects.live().filter(story=story).order_by("-created_at").first()
    return max(newest.created_at, story.created_at) if newest else story.created_at


def pending_comments() -> QuerySet[CommentDelta, int]:
    """The keys of comments whose deltas wait to be folded."""
    return CommentDelta.objects.order_by().values_list("comment_id", flat=True).distinct()


def pending_stories() -> QuerySet[StoryDelta, int]:
    """The keys of stories whose deltas wait to be folded."""
    return StoryDelta.objects.order_by().values_list("story_id", flat=True).distinct()


def has_pending() -> bool:
    """Whether anything waits to be folded. At most 2 queries."""
    return CommentDelta.objects.exists() or StoryDelta.objects.exists()


def _listed(condition: Q, cursor: Cursor | None) -> Page[CommentRow]:
    page = paginate(_listable(condition), order=NEWEST, cursor=cursor, size=PAGE_SIZE)
    return page.of([_row(row) for row in page.rows])


def _listable(condition: Q) -> QuerySet[Comment, dict[str, Any]]:
    # A question for each comment that is looked at: for a join SQLite would first read all stories.
    is_shown = Exists(Story.objects.filter(pk=OuterRef("story"), removed_at=None, held_at=None))
    rows: QuerySet[Comment, dict[str, Any]] = (
        Comment.objects.live().filter(condition, is_shown).values(*COLUMNS, *STORY_COLUMNS)
    )
    return rows


def _branches(story_id: int, parent_id: int | None, order: str, cursor: Cursor | None) -> Page[CommentRow]:
    keys = ORDERS[order]
    found = Comment.objects.shown().filter(story=story_id, parent=parent_id).values("id", keys.field)
    page = paginate(found, order=keys, cursor=cursor, size=ROOTS_SHOWN)
    rows, unfinished = _with_replies([row["id"] for row in page.rows], keys)
    by_id = {row["id"]: row for row in rows}
    roots = [row["id"] for row in page.rows if row["id"] in by_id]
    places = threads.lay_out(roots, [_twig(row) for row in rows], unfinished)
    return page.of([_row(by_id[place.id], place) for place in places])


def _with_replies(roots: list[int], keys: Order) -> tuple[list[dict[str, Any]], set[int]]:
    """The roots and what is shown below them, all in order; and those of them where there was no place for replies."""
    if not roots:
        return [], set()
    replies = REPLIES.format(order=", ".join(_sql(key) for key in keys.columns()), limit=threads.REPLIES_SHOWN)
    branches = BRANCHES.format(
        roots=", ".join(["(CAST(%s AS bigint))"] * len(roots)),
        each_reply=EACH_REPLY[connection.vendor].format(replies=replies),
        # One more shows where the list ends.
        limit=threads.SHOWN + 1,
    )
    # Two queries, since PostgreSQL may take the first one for a filter and run it for each row of the second.
    shown = [comment.pk for comment in Comment.objects.raw(branches, roots)]
    rows = list(Comment.objects.filter(pk__in=shown).order_by(*keys.columns()).values(*COLUMNS))
    if len(shown) <= threads.SHOWN:
        return rows, set()
    first_left_out = next(row for row in rows if row["id"] == shown[-1])
    return rows, set(shown[shown.index(first_left_out["parent_id"]) :])


def _sql(key: str) -> str:
    return f"{key.removeprefix('-')} DESC" if key.startswith("-") else key


def _twig(row: dict[str, Any]) -> threads.Twig:
    is_live = row["deleted_at"] is None and row["removed_at"] is None
    return threads.Twig(row["id"], row["parent_id"], row["num_descendants"], is_live)


def _rows(found: Any) -> list[CommentRow]:
    return [_row(row) for row in found]


def _row(row: dict[str, Any], place: threads.Place | None = None) -> CommentRow:
    return CommentRow(
        id=row["id"],
        parent_id=row["parent_id"],
        depth=row["depth"],
        author_id=row["author_id"],
        author=shown_name(row["author__username"]),
        created_at=row["created_at"],
        edited_at=row["edited_at"],
        deleted_at=row["deleted_at"],
        removed_at=row["removed_at"],
        score=row["score"],
        num_descendants=row["num_descendants"],
        html=row["body__html"] or "",
        level=place.level if place else 0,
        cut=place.cut if place else 0,
        story_id=row.get("story_id", 0),
        story_title="" if row.get("story__deleted_at") else row.get("story__title", ""),
        story_slug="" if row.get("story__deleted_at") else row.get("story__slug", ""),
    )
