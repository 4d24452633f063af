"""Keys to topics that not everybody may hear. A page that is made for one viewer holds the viewer's own."""

from django.core import signing

# A day in front of an open page. The worst that a lost key tells is how much its owner has not read.
SECONDS = 12 * 3600


def key_to(topic: str) -> str:
    """A key, good for SECONDS from now."""
    return _signer().sign(topic)


def opened_by(key: str) -> str:
    """The topic that the key is for. Raises BadSignature when it is old or was made by somebody else."""
    return _signer().unsign(key, max_age=SECONDS)


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="live.key")
