"""Signed links that stop mail, for people who are not logged in: whose mail, about what."""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.urls import reverse

from apps.core.errors import NotFound
from apps.notifications.models import Kind

DIGEST = "digest"
EVERYTHING = (*Kind.values, DIGEST)


class BadLink(NotFound):
    """Nobody was sent this link, or the site has a new secret key since."""

    code = "bad-link"
    message = "This link does not work any more. Log in to choose in your settings which mails you get."


@dataclass(frozen=True, slots=True)
class Stop:
    """The wish of a person to get no more mail about some kinds, or no digests."""

    person_id: int
    about: tuple[str, ...]

    @property
    def address(self) -> str:
        """The link that says so: always the same one, so that a mail that is sent twice is the same mail."""
        token = _signer().sign_object([self.person_id, *self.about])
        return f"{settings.SITE_URL}{reverse('notifications:unsubscribe', args=[token])}"

    @property
    def words(self) -> list[str]:
        """What it is about, as people read it."""
        return [Kind(name).label if name in Kind.values else "Digests" for name in self.about]


def read(token: str) -> Stop:
    """What the link says. Raises BadLink."""
    try:
        person_id, *about = _signer().unsign_object(token)
    except (signing.BadSignature, ValueError) as error:
        raise BadLink from error
    # A kind that a later release has no more.
    return Stop(person_id, tuple(name for name in about if name in EVERYTHING))


def _signer() -> signing.Signer:
    return signing.Signer(salt="notifications.stop")
