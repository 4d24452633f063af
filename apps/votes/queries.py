"""Questions about votes and recounts."""

from collections.abc import Sequence
from typing import Any, Literal

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from apps.accounts.models import User
from apps.comments.models import Comment, CommentDelta
from apps.core.cursors import Cursor, Order, Page, paginate
from apps.core.prepared import prepared
from apps.stories.models import Story, StoryDelta
from apps.votes.models import CommentVote, Recount, StoryVote

# By the key of the story or comment: its points as the voter sees them, and whether one of them is theirs.
Seen = dict[int, tuple[int, bool]]

PAGE_SIZE = 100
LAST_CAST = Order("created_at", "time")


def stories_seen_by(user: User, ids: Sequence[int]) -> Seen:
    """These stories' points with those that `user` has just given or taken back. 1 query."""
    return {pk: (points, bool(voted)) for pk, points, voted in _stories_seen_by(user.pk, ids)}


def comments_seen_by(user: User, ids: Sequence[int]) -> Seen:
    """These comments' points with those that `user` has just given or taken back. 1 query."""
    return {pk: (points, bool(voted)) for pk, points, voted in _comments_seen_by(user.pk, ids)}


def latest_recounts() -> QuerySet[Recount]:
    """The last 30, newest first. 1 query."""
    return Recount.objects.order_by("-started_at", "-pk")[:30]


def votes_on(target: Literal["story", "comment"], user: User, *, cursor: Cursor | None) -> Page[dict[str, Any]]:
    """What `user` has voted for, last first: rows with `story` or `comment`, an id, and `created_at`. 1 query."""
    votes = StoryVote.objects if target == "story" else CommentVote.objects
    rows = votes.filter(user=user).values("id", "created_at", target)
    return paginate(rows, order=LAST_CAST, cursor=cursor, size=PAGE_SIZE)


@prepared
def _stories_seen_by(user_id: int, ids: Sequence[int]) -> QuerySet[Any, Any]:
    voted = StoryVote.objects.filter(user=user_id, story=OuterRef("pk"))
    pending = StoryDelta.objects.filter(user=user_id, story=OuterRef("pk")).values("story").values(points=Sum("ups"))
    points = F("score") + Coalesce(Subquery(pending), 0)
    return Story.objects.filter(pk__in=ids).values_list("pk", points, Exists(voted))


@prepared
def _comments_seen_by(user_id: int, ids: Sequence[int]) -> QuerySet[Any, Any]:
    voted = CommentVote.objects.filter(user=user_id, comment=OuterRef("pk"))
    pending = CommentDelta.objects.filter(user=user_id, comment=OuterRef("pk")).values("comment")
    points = F("score") + Coalesce(Subquery(pending.values(points=Sum("ups"))), 0)
    return Comment.objects.filter(pk__in=ids).values_list("pk", points, Exists(voted))
