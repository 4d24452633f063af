"""A story's thread, and what is below one comment: page by page, as people read it."""

from apps.comments import threads
from apps.comments.models import Comment
from apps.comments.queries.levels import ROOTS_SHOWN, Extent, twig, with_replies
from apps.comments.queries.rows import ORDERS, CommentRow, as_row
from apps.core.cursors import Cursor, Page, paginate
from apps.stories.models import Story

# What a page shows.
PAGE = Extent()


def thread(story: Story, *, order: str, cursor: Cursor | None) -> Page[CommentRow]:
    """A page of 40 roots with the replies that fit, in reading order. 3 queries, whatever the thread's size."""
    return _branches(story.pk, None, order, cursor)


def replies(comment: Comment, *, order: str, cursor: Cursor | None) -> Page[CommentRow]:
    """A page of 40 direct replies with the replies below them that fit. 3 queries."""
    return _branches(comment.story_id, comment.pk, order, cursor)


def _branches(story_id: int, parent_id: int | None, order: str, cursor: Cursor | None) -> Page[CommentRow]:
    keys = ORDERS[order]
    found = Comment.objects.shown().filter(story=story_id, parent=parent_id).values("id", keys.field)
    page = paginate(found, order=keys, cursor=cursor, size=ROOTS_SHOWN)
    rows, unfinished = with_replies([row["id"] for row in page.rows], keys, PAGE)
    by_id = {row["id"]: row for row in rows}
    roots = [row["id"] for row in page.rows if row["id"] in by_id]
    places = threads.lay_out(roots, [twig(row) for row in rows], unfinished)
    return page.of([as_row(by_id[place.id], place) for place in places])
