"""Questions about tokens."""

import hashlib

from apps.accounts.models import User
from apps.api.models import Token


def digest(secret: str) -> str:
    """What is stored of a secret. A long random one needs no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def token(secret: str) -> Token | None:
    """The token with this secret, expired or not, and its person. 1 query."""
    return Token.objects.select_related("person").filter(digest=digest(secret)).first()


def tokens_of(person: User) -> list[Token]:
    """The tokens of `person`, newest first. 1 query."""
    return list(Token.objects.filter(person=person).order_by("-created_at", "-pk"))
