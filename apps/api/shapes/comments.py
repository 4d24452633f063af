"""Shapes of comments: in lists, in threads, as they are sent; and how rows become such."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from apps.accounts.models import User
from apps.accounts.permissions import Viewer
from apps.api.shapes.base import Id, Ids, Input, Page, PageQuery, Shape, Text
from apps.api.shapes.stories import MARKDOWN
from apps.comments.models import MAX_DEPTH, TEXT_LENGTH
from apps.comments.queries.rows import ORDERS, CommentRow
from apps.moderation.queries import flagged_comments
from apps.votes.queries import comments_seen_by

MOST_AT_ONCE = 500
WIDEST = 100


class CommentViewer(Shape):
    """What differs by who asks."""

    voted = serializers.BooleanField()
    flagged = serializers.BooleanField()


class Comment(Shape):
    """A comment. Of one that is gone only the place is left."""

    id = serializers.IntegerField()
    story = serializers.IntegerField(help_text="The story that it is below.")
    story_title = serializers.CharField(help_text="Empty when the story is gone.")
    parent = serializers.IntegerField(  # type: ignore[assignment]  # DRF takes it out of the class
        allow_null=True, help_text="The comment that it answers; null on a root."
    )
    depth = serializers.IntegerField(help_text="Levels below the story, from 0.")
    author = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)
    deleted_at = serializers.DateTimeField(allow_null=True)
    removed_at = serializers.DateTimeField(allow_null=True)
    score = serializers.IntegerField()
    num_descendants = serializers.IntegerField(help_text="Live comments below it.")
    html = serializers.CharField()
    page = serializers.CharField(help_text="The path of its page for people.")
    viewer = CommentViewer(allow_null=True)


class Comments(Page):
    """A page of comments."""

    items = Comment(many=True)


class CommentDetail(Comment):
    """One comment with its source and its way up."""

    markdown = serializers.CharField(help_text=MARKDOWN)
    ancestors = serializers.ListField(child=serializers.IntegerField(), help_text="From the root down to the parent.")


class Cut(Shape):
    """Where comments were left out of a thread, and where they are."""

    parent = serializers.IntegerField(  # type: ignore[assignment]  # as above
        help_text="The comment below which some are missing."
    )
    num_comments = serializers.IntegerField(help_text="Live ones that are missing.")
    next = serializers.CharField(help_text="The address of the rest.")


class Thread(Comments):
    """A part of a thread in reading order: each comment right after what it answers, or after its siblings' branches.

    Whoever follows `next`, and that of each cut, reads every comment exactly once.
    """

    cuts = Cut(many=True)
    total = serializers.IntegerField(help_text="Live comments below the story, or below `parent`.")


class CommentText(Input):
    """The text of a comment."""

    text = Text(max_length=TEXT_LENGTH, help_text=MARKDOWN)


class CommentDraft(CommentText):
    """A comment on a story, or an answer to another comment."""

    parent = Id(  # type: ignore[assignment]  # as above
        required=False, allow_null=True, help_text="The comment to answer."
    )


class CommentsQuery(PageQuery):
    """The newest comments, or these."""

    ids = Ids(required=False, help_text="These comments, up to a hundred, without those that are gone or held.")


class ThreadQuery(PageQuery):
    """Which part of a thread, and how much of it at once."""

    order = serializers.ChoiceField(choices=list(ORDERS), default="best")
    parent = serializers.IntegerField(  # type: ignore[assignment]  # as above
        required=False, min_value=1, max_value=2**63 - 1, help_text="What is below this comment."
    )
    depth = serializers.IntegerField(
        default=MAX_DEPTH, min_value=1, max_value=MAX_DEPTH, help_text="So many levels at most."
    )
    width = serializers.IntegerField(
        default=20, min_value=1, max_value=WIDEST, help_text="So many answers at most to the story and to each comment."
    )
    limit = serializers.IntegerField(default=200, min_value=1, max_value=MOST_AT_ONCE, help_text="So many at most.")


def shown(rows: Sequence[CommentRow], viewer: Viewer) -> list[dict[str, Any]]:
    """Rows as answers show them. 2 queries, none for visitors."""
    if not isinstance(viewer, User):
        return [_shown(row) | {"viewer": None} for row in rows]
    ids = [row.id for row in rows]
    seen, flagged = comments_seen_by(viewer, ids), flagged_comments(viewer, ids)
    return [_shown(row) | _own(row.id in flagged, *seen[row.id]) for row in rows]


def _own(flagged: bool, score: int, voted: bool) -> dict[str, Any]:
    return {"score": score, "viewer": {"voted": voted, "flagged": flagged}}


def _shown(row: CommentRow) -> dict[str, Any]:
    names = ("id", "depth", "created_at", "edited_at", "deleted_at", "removed_at", "score", "num_descendants")
    return {name: getattr(row, name) for name in names} | {
        "story": row.story_id,
        "story_title": row.story_title,
        "parent": row.parent_id,
        "author": None if row.is_gone else row.author or None,
        "html": "" if row.is_gone else row.html,
        "page": f"/comments/{row.id}",
    }
