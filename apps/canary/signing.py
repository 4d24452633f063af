"""Numbers that only this site can have sent, a moment ago."""

from django.core import signing

# Longer than the clocks of two machines may differ.
SECONDS = 60


def sign(number: int) -> str:
    """The number as `unsign` takes it."""
    return _signer().sign(str(number))


def unsign(text: str) -> int:
    """The number. Raises signing.BadSignature."""
    return int(_signer().unsign(text, max_age=SECONDS))


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="canary")
