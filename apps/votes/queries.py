"""Questions about votes."""

from collections.abc import Iterable

from apps.accounts.models import User
from apps.votes.models import CommentVote, StoryVote


def voted_stories(user: User, ids: Iterable[int]) -> set[int]:
    """Which of these stories `user` has voted for. 1 query."""
    return set(StoryVote.objects.filter(user=user, story__in=ids).values_list("story_id", flat=True))


def voted_comments(user: User, ids: Iterable[int]) -> set[int]:
    """Which of these comments `user` has voted for. 1 query."""
    return set(CommentVote.objects.filter(user=user, comment__in=ids).values_list("comment_id", flat=True))
