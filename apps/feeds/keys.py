"""Keys of private feeds: whoever has one reads, and can do nothing else. A new password makes the old one useless."""

from django.utils.crypto import constant_time_compare, salted_hmac

from apps.accounts.models import User
from apps.core.errors import NotFound


def key_of(person: User) -> str:
    """The key of a person's inbox."""
    digest = salted_hmac("feeds.inbox", f"{person.pk} {person.password}", algorithm="sha256").hexdigest()
    return f"{person.pk}-{digest}"


def owner(key: str) -> User:
    """The active person whose key it is. Raises NotFound. 1 query."""
    pk = key.partition("-")[0]
    person = User.objects.filter(pk=pk, is_active=True).first() if pk.isascii() and pk.isdigit() else None
    if person is None or not constant_time_compare(key_of(person), key):
        raise NotFound
    return person
