"""Questions about people."""

from dataclasses import dataclass
from datetime import datetime

from apps.accounts.models import PersonMute, User


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person in a list."""

    id: int
    username: str
    karma: int
    joined_at: datetime


def muted_person_names(user: User) -> list[str]:
    """The names of the people `user` does not want to read, in order. 1 query."""
    rows = PersonMute.objects.filter(user=user).order_by("person__username")
    return list(rows.values_list("person__username", flat=True))


def people_by_karma(*, size: int = 100) -> list[PersonRow]:
    """The `size` people with the highest karma. 1 query."""
    rows = User.objects.filter(is_active=True).order_by("-karma", "id")
    return [PersonRow(*row) for row in rows.values_list("id", "username", "karma", "date_joined")[:size]]


def listed_people(ids: list[int]) -> list[PersonRow]:
    """Those of these people who are active, in no order. 1 query."""
    rows = User.objects.filter(is_active=True, pk__in=ids)
    return [PersonRow(*row) for row in rows.values_list("id", "username", "karma", "date_joined")]
