"""Who may moderate what, and who may flag it."""

from datetime import datetime

from django.db.models import QuerySet

from apps.accounts.models import User
from apps.accounts.permissions import check_may_write, is_moderator
from apps.comments.models import Comment
from apps.communities.models import Community
from apps.communities.permissions import can_moderate, moderated_by
from apps.core.errors import NotAllowed
from apps.stories.models import Story


class NotModerator(NotAllowed):
    """Only a moderator of the community, or of the whole site."""

    code = "not-moderator"
    message = "Only a moderator may do that."


def check_can_moderate(user: User, community_id: int, now: datetime) -> None:
    """Raises Banned, NotModerator. At most 1 query."""
    check_may_write(user, now)
    if not can_moderate(user, community_id):
        raise NotModerator


def check_can_ban(user: User, person: User, now: datetime) -> None:
    """Raises Banned, NotModerator, or NotAllowed when `person` moderates too. No query."""
    check_may_write(user, now)
    if not is_moderator(user):
        raise NotModerator("Only a moderator of the whole site may ban.")
    if is_moderator(person):
        raise NotAllowed("A moderator cannot be banned. Ask the administrators to end the rights first.")


def check_can_flag(user: User, item: Story | Comment, now: datetime) -> None:
    """Raises Banned, or NotAllowed for what `user` wrote and what is gone. No query."""
    check_may_write(user, now)
    if item.author_id == user.pk:
        raise NotAllowed("You cannot flag what you wrote.")
    if item.is_gone:
        raise NotAllowed("There is nothing left to flag: it is gone already.")


def access_flags(user: User, now: datetime) -> QuerySet[Community]:
    """The communities whose flags this person sees. Raises Banned, NotModerator. At most 1 query."""
    check_may_write(user, now)
    places = moderated_by(user)
    if not is_moderator(user) and not places.exists():
        raise NotModerator
    return places
