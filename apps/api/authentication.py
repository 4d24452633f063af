"""Who asks: a token of their own, an app that they let in, or their browser. What each may do stands in `Grant`."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from oauth2_provider.contrib.rest_framework import OAuth2Authentication
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apps.accounts.models import User
from apps.api import actions, queries
from apps.api.models import Scope
from apps.replicas import readonly, viewers


@dataclass(frozen=True, slots=True)
class Grant:
    """What this caller may do for the person. `caller` tells programs of the same person apart."""

    caller: str
    scopes: frozenset[str]


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer …`, a personal token or one of an app."""

    def authenticate(self, request: Request) -> tuple[User, Grant] | None:
        """The person and what the token is good for; None without one. Raises AuthenticationFailed. 1 query."""
        kind, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if not kind:
            return None
        found = self._personal(secret) if secret.startswith(actions.PREFIX) else self._of_app(request)
        if kind.lower() != "bearer" or found is None or not found[0].is_active:
            raise AuthenticationFailed("This token is unknown, revoked or expired.")
        viewers.recognize(request._request, str(found[0].pk))
        return found

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return "Bearer"

    def _personal(self, secret: str) -> tuple[User, Grant] | None:
        token, now = queries.token(secret), timezone.now()
        if token is None or token.is_expired(now):
            return None
        if not readonly.notice():
            actions.note_use(token, now=now)
        return token.person, Grant(f"token:{token.pk}", token.scopes)

    def _of_app(self, request: Request) -> tuple[User, Grant] | None:
        found: Any = OAuth2Authentication().authenticate(request)
        if found is None or not isinstance(found[0], User):
            return None
        person, token = found
        return person, Grant(f"app:{token.application_id}:{person.pk}", frozenset(token.scope.split()))


class BrowserAuthentication(SessionAuthentication):
    """The session of somebody who is logged in; what changes something needs the CSRF token too."""

    def authenticate(self, request: Request) -> tuple[User, Grant] | None:
        """The person, who may do all that they may do in a browser."""
        found = super().authenticate(request)
        return found and (found[0], Grant(f"person:{found[0].pk}", frozenset(Scope.values)))
