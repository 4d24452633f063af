"""Questions about tokens and apps."""

import hashlib
from typing import Any

from django.db.models import Q
from django.utils import timezone
from oauth2_provider.models import Application

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


def apps_of(person: User) -> list[Any]:
    """The apps that `person` has registered, newest first. 1 query."""
    return list(Application.objects.filter(user=person).order_by("-pk"))


def apps_let_in(person: User) -> list[Any]:
    """The apps that may act for `person`, by name. 1 query."""
    now = timezone.now()
    is_let_in = Q(accesstoken__user=person, accesstoken__expires__gt=now)
    can_come_back = Q(refreshtoken__user=person, refreshtoken__revoked=None)
    return list(Application.objects.filter(is_let_in | can_come_back).distinct().order_by("name", "pk"))
