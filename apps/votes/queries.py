"""Questions about votes."""

from collections.abc import Sequence
from typing import Any, Literal

from django.db.models import QuerySet

from apps.accounts.models import User
from apps.core.cursors import Cursor, Order, Page, paginate
from apps.core.prepared import prepared
from apps.votes.models import CommentVote, StoryVote

PAGE_SIZE = 100
LAST_CAST = Order("created_at", "time")


def voted_stories(user: User, ids: Sequence[int]) -> set[int]:
    """Which of these stories `user` has voted for. 1 query."""
    return {pk for (pk,) in _voted_stories(user.pk, ids)}


def voted_comments(user: User, ids: Sequence[int]) -> set[int]:
    """Which of these comments `user` has voted for. 1 query."""
    return {pk for (pk,) in _voted_comments(user.pk, ids)}


def votes_on(target: Literal["story", "comment"], user: User, *, cursor: Cursor | None) -> Page[dict[str, Any]]:
    """What `user` has voted for, last first: rows with `story` or `comment`, an id, and `created_at`. 1 query."""
    votes = StoryVote.objects if target == "story" else CommentVote.objects
    rows = votes.filter(user=user).values("id", "created_at", target)
    return paginate(rows, order=LAST_CAST, cursor=cursor, size=PAGE_SIZE)


@prepared
def _voted_stories(user_id: int, ids: Sequence[int]) -> QuerySet[Any, Any]:
    return StoryVote.objects.filter(user=user_id, story__in=ids).values_list("story_id")


@prepared
def _voted_comments(user_id: int, ids: Sequence[int]) -> QuerySet[Any, Any]:
    return CommentVote.objects.filter(user=user_id, comment__in=ids).values_list("comment_id")
