"""Who may moderate what."""

from datetime import datetime

from apps.accounts.models import User
from apps.accounts.permissions import check_may_write, is_moderator
from apps.communities.permissions import can_moderate
from apps.core.errors import NotAllowed


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
