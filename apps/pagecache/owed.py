"""Viewers whose write reached no stamp: what they wrote they must still see, so they carry its token themselves."""

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE = "unstamped"
# Pages from before the write are gone by then.
SECONDS = 3600


def owed(request: HttpRequest) -> int:
    """The token that pages must have reached for this viewer, whatever their tags say; 0 for nearly everybody."""
    text = request.COOKIES.get(COOKIE)
    try:
        return int(_signer().unsign(text, max_age=SECONDS), 16) if text else 0
    except signing.BadSignature:
        return 0


def carry(response: HttpResponse, token: int) -> None:
    """Have the viewer bring `token` along."""
    response.set_cookie(
        COOKIE,
        _signer().sign(f"{token:x}"),
        max_age=SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="pagecache.owed")
