"""Making and revoking tokens, registering apps; answering what is sent twice only once."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ada_url import URL
from django.db import transaction
from oauth2_provider.models import AccessToken, Application, Grant, RefreshToken, clear_expired

from apps.accounts.models import User
from apps.api.models import NAME_LENGTH, KeptAnswer, Scope, Token
from apps.api.queries import digest
from apps.core.errors import Conflict, Invalid
from apps.core.text import clean_line

# Tells people, and those who look for leaked secrets, what it is.
PREFIX = "groundswell_"
MOST_TOKENS = 50
MOST_APPS = 20
LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}
USE_NOTED_EVERY = timedelta(hours=1)
ANSWERS_KEPT = timedelta(hours=24)
FORGOTTEN_AT_ONCE = 10_000


class KeyUsedOtherwise(Conflict):
    """An Idempotency-Key stands for one request: the same person, address and body."""

    status = 422
    code = "key-used-otherwise"
    message = "This Idempotency-Key was used for another request. Take a new one for each."


@transaction.atomic
def make_token(
    *, by: User, name: str, scopes: Iterable[str], lifetime: timedelta | None, now: datetime
) -> tuple[Token, str]:
    """Let programs act for `by`; the token, and its secret, which nobody can see again. Raises Invalid. 3 queries."""
    # Two at once wait here, so that the limit holds.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    name, chosen = clean_line(name), [scope for scope in Scope.values if scope in set(scopes)]
    if not 1 <= len(name) <= NAME_LENGTH:
        raise Invalid(f"Give the token a name of at most {NAME_LENGTH} characters.")
    if not chosen:
        raise Invalid("Choose what the token may be used for.")
    if Token.objects.filter(person=by).count() >= MOST_TOKENS:
        raise Invalid(f"You have {MOST_TOKENS} tokens. Revoke those that you no longer need.")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(
        person=by,
        name=name,
        digest=digest(secret),
        scope=" ".join(chosen),
        created_at=now,
        expires_at=now + lifetime if lifetime else None,
    )
    return token, secret


@transaction.atomic
def revoke_token(*, by: User, token_id: int) -> None:
    """Have a token of `by` open nothing any more. Idempotent. 1 write."""
    Token.objects.filter(person=by, pk=token_id).delete()


def note_use(token: Token, *, now: datetime) -> None:
    """Remember that the token was used, once an hour at most. 1 write, usually none."""
    if token.used_at is None or now - token.used_at >= USE_NOTED_EVERY:
        Token.objects.filter(pk=token.pk).update(used_at=now)


@transaction.atomic
def register_app(*, by: User, name: str, addresses: Sequence[str]) -> Any:
    """Register an app of `by`, which may then ask people to be let in. It has no secret: PKCE stands for it.

    Raises Invalid. 3 queries.
    """
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    name = clean_line(name)
    if not 1 <= len(name) <= NAME_LENGTH:
        raise Invalid(f"Give the app a name of at most {NAME_LENGTH} characters.")
    if not addresses or not all(map(_is_redirect, addresses)):
        raise Invalid(
            "A redirect address begins with https://, or with http:// on the machine of whoever uses the app."
        )
    if Application.objects.filter(user=by).count() >= MOST_APPS:
        raise Invalid(f"You have {MOST_APPS} apps. Delete those that you no longer need.")
    return Application.objects.create(
        user=by,
        name=name,
        redirect_uris=" ".join(addresses),
        client_type=Application.CLIENT_PUBLIC,
        client_secret="",
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
    )


@transaction.atomic
def delete_app(*, by: User, app_id: int) -> None:
    """Delete an app of `by`, with every token that it was given. Idempotent."""
    Application.objects.filter(user=by, pk=app_id).delete()


@transaction.atomic
def shut_out(*, by: User, app_id: int) -> None:
    """Delete all tokens by which an app acts for `by`. Idempotent. 3 writes."""
    for kind in (RefreshToken, AccessToken, Grant):
        kind.objects.filter(user=by, application=app_id).delete()


@transaction.atomic
def tie_to_code(*, refresh_token: str, code: str) -> None:
    """Have all that comes of this new token end with the code that it was given for. 1 write."""
    RefreshToken.objects.filter(token_checksum=digest(refresh_token)).update(token_family=_family(code))


@transaction.atomic
def end_tokens_of_code(*, code: str) -> None:
    """Delete or revoke all tokens that were given for this code, and for those tokens. Idempotent. 2 writes."""
    RefreshToken.revoke_family(_family(code))


def begin_answer(*, by: User, key: str, request: str, now: datetime) -> tuple[KeptAnswer, bool]:
    """The answer to the request that `key` stands for, and whether it has yet to be given.

    Inside the caller's transaction, which does what is asked for: of two with the same key the second waits for the
    first, and begins anew if that one is rolled back. Raises KeyUsedOtherwise. 2 queries.
    """
    values = {"person": by, "request": request, "created_at": now}
    answer, is_new = KeptAnswer.objects.get_or_create(digest=key, defaults=values)
    if answer.request != request:
        raise KeyUsedOtherwise
    return answer, is_new


def keep_answer(answer: KeptAnswer, *, status: int, headers: dict[str, str], body: str) -> None:
    """Write down what was answered, inside the transaction that it speaks of. 1 write."""
    answer.status, answer.headers, answer.body = status, headers, body
    answer.save(update_fields=["status", "headers", "body"])


def forget_expired_tokens() -> None:
    """Delete what apps were given and is of no use any more. Personal tokens stay, so that people see why one fails."""
    clear_expired()


@transaction.atomic
def forget_answers(*, now: datetime) -> None:
    """Delete answers that were kept long enough, oldest first."""
    old = KeptAnswer.objects.filter(created_at__lt=now - ANSWERS_KEPT).order_by("created_at")
    KeptAnswer.objects.filter(pk__in=old.values("pk")[:FORGOTTEN_AT_ONCE]).delete()


def _family(code: str) -> UUID:
    """Follows from the code alone, so nobody has to remember which codes were used."""
    return UUID(digest(code)[:32])


def _is_redirect(address: str) -> bool:
    """Whether people may be sent there: by https, or to their own machine."""
    try:
        parsed = URL(address)
    except ValueError:
        return False
    is_plain = not (parsed.username or parsed.password or parsed.hash)
    return is_plain and (parsed.protocol == "https:" or (parsed.protocol == "http:" and parsed.hostname in LOOPBACK))
