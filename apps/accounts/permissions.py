"""Who may do what with people, and the loaders of people."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from apps.accounts.models import User
from apps.core.errors import NotAllowed, NotFound

Viewer = User | AnonymousUser


class Banned(NotAllowed):
    """A banned person may read, not write."""

    code = "banned"


def access_person(username: str) -> User:
    """The active person of that name, in any case. Raises NotFound. 1 query."""
    person = User.objects.filter(username__lower=username.lower(), is_active=True).first()
    if person is None:
        raise NotFound("There is nobody of that name.")
    return person


def check_may_write(user: User, now: datetime) -> None:
    """Raises Banned while a ban lasts."""
    if user.is_banned(now):
        raise Banned(f"You are banned until {user.banned_until:%B %-d, %Y, %H:%M} UTC. You can read, but not write.")


def is_moderator(user: Viewer) -> bool:
    """Whether this person moderates the whole site."""
    return user.is_authenticated and (user.is_moderator or user.is_superuser)
