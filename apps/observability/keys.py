"""Keys to a profile: whoever sends one in X-Profile has one page profiled. Not here: profiling."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing

SECONDS = 600


def make(address: str) -> str:
    """A key to profiles of the page at `address`, a path or a whole one, for SECONDS."""
    path = urlsplit(address).path or "/"
    return _signer().sign(path).removeprefix(f"{path}:")


def opens(key: str, path: str) -> bool:
    """Whether the key was made for this path, a moment ago."""
    try:
        _signer().unsign(f"{path}:{key}", max_age=SECONDS)
    except signing.BadSignature:
        return False
    return True


def command(address: str) -> str:
    """What to type to use a key."""
    parts = urlsplit(address)
    query = f"?{parts.query}" if parts.query else ""
    place = f"{settings.SITE_URL}{parts.path or '/'}{query}".replace("'", "%27")
    return f"curl -so /dev/null -D - -H 'X-Profile: {make(address)}' '{place}'"


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="observability.profile")
