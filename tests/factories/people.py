"""People."""

from datetime import UTC, datetime

from django.db.models import F
from factory.declarations import LazyAttribute, Sequence
from factory.django import DjangoModelFactory

from apps.accounts.models import User

# The time of all rows that are not given one, and the present of tests that need one.
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class PersonFactory(DjangoModelFactory[User]):
    """A member who may write; the password is unusable, so sign in by `client.force_login`."""

    class Meta:
        model = User

    username = Sequence("person{}".format)
    email = LazyAttribute(lambda person: f"{person.username}@example.org")
    password = "!"
    date_joined = NOW


class ModeratorFactory(PersonFactory):
    """A moderator of the whole site."""

    is_moderator = True


def credit(author: User | None, base_ups: int) -> None:
    """Count points without votes as karma, in the database, as a recount does; the author's own is none."""
    if author and base_ups > 1:
        User.objects.filter(pk=author.pk).update(karma=F("karma") + base_ups - 1)
