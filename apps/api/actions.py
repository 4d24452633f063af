"""Making and revoking tokens; answering what is sent twice only once."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from apps.accounts.models import User
from apps.api.models import NAME_LENGTH, KeptAnswer, Scope, Token
from apps.api.queries import digest
from apps.core.errors import Conflict, Invalid
from apps.core.text import clean_line

# Tells people, and those who look for leaked secrets, what it is.
PREFIX = "groundswell_"
MOST_TOKENS = 50
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


@transaction.atomic
def forget_answers(*, now: datetime) -> None:
    """Delete answers that were kept long enough, oldest first."""
    old = KeptAnswer.objects.filter(created_at__lt=now - ANSWERS_KEPT).order_by("created_at")
    KeptAnswer.objects.filter(pk__in=old.values("pk")[:FORGOTTEN_AT_ONCE]).delete()
