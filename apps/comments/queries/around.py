"""One comment, and what stands around it."""

from apps.comments.models import Comment
from apps.comments.queries.rows import COLUMNS, CommentRow, as_rows

SIBLINGS_SHOWN = 5


def row_of(comment: Comment) -> CommentRow:
    """One loaded comment as a row. 1 query."""
    return as_rows(Comment.objects.filter(pk=comment.pk).values(*COLUMNS))[0]


def ancestors(comment: Comment) -> list[CommentRow]:
    """The comments above, from the root down. 1 query, none for a root."""
    if not (ids := comment.ancestor_ids):
        return []
    rows = as_rows(Comment.objects.filter(pk__in=ids).values(*COLUMNS))
    return sorted(rows, key=lambda row: row.depth)


def siblings(comment: Comment) -> list[CommentRow]:
    """The best five other answers to what this comment answers. 1 query."""
    others = Comment.objects.live().filter(story=comment.story_id, parent=comment.parent_id).exclude(pk=comment.pk)
    return as_rows(others.order_by("-confidence", "-id").values(*COLUMNS)[:SIBLINGS_SHOWN])
