"""Who may vote."""

from datetime import datetime

from apps.accounts.models import User
from apps.comments.models import Comment
from apps.core.errors import NotAllowed
from apps.stories.models import Story
from apps.votes.models import VOTING_PERIOD


class VotingClosed(NotAllowed):
    """Votes are refused on what is gone or older than VOTING_PERIOD."""

    code = "voting-closed"
    message = "Votes on this are closed."


class OwnItem(NotAllowed):
    """Nobody votes on what they wrote: the author's own point is there from the start."""

    code = "own-item"
    message = "You cannot vote on what you wrote."


def check_can_vote(user: User, item: Story | Comment, now: datetime) -> None:
    """Raises OwnItem or VotingClosed."""
    if item.author_id == user.pk:
        raise OwnItem
    if item.is_gone or now >= item.created_at + VOTING_PERIOD:
        raise VotingClosed
