"""Who has seen what: each viewer's token, in the cache for all devices of a person, and in a cookie and a header."""

from contextlib import suppress
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError

from apps.replicas import state, tokens

COOKIE = "freshness"
HEADER = "X-Freshness"
# Requests of one person end in any order, so the cache keeps the highest. Padded texts compare like their numbers.
RAISE = """
    local known = redis.call('GET', KEYS[1])
    if not known or known < ARGV[1] then redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2]) end
"""


def carried(request: HttpRequest) -> int:
    """The token in the request's cookie or header, or 0. Touches neither cache nor session."""
    texts = (request.COOKIES.get(COOKIE), request.META.get("HTTP_X_FRESHNESS"))
    return max(tokens.unsign(text) if text else 0 for text in texts)


def needed(request: HttpRequest) -> int:
    """What this viewer must be able to see. 1 look into the cache for members, no query; none for visitors."""
    person = _person(request)
    return max(carried(request), _of_person(person)) if person else carried(request)


def remember(request: HttpRequest, response: HttpResponse, token: int) -> None:
    """Have the viewer's next requests see what has been committed up to `token`."""
    if person := _person(request):
        _raise_for_person(person, token)
    signed = tokens.sign(token)
    response[HEADER] = signed
    response.set_cookie(
        COOKIE,
        signed,
        max_age=tokens.SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def recognize(request: HttpRequest, person: str) -> None:
    """Let somebody who came without a session, by id, see what they have written on whatever device. 1 look into the
    cache.
    """
    request.recognized = person  # type: ignore[attr-defined]  # read by recognized
    if now := state.current():
        now.needed = max(now.needed, needed(request))


def recognized(request: HttpRequest) -> str | None:
    """The id of who came without a session, once that is known."""
    return getattr(request, "recognized", None)


def _person(request: HttpRequest) -> str | None:
    """The id of who is signed in, from the session alone: the user's row may be older than their new password."""
    if person := recognized(request):
        return person
    # Without a cookie the session stays untouched, so that the page does not vary by cookie.
    if settings.SESSION_COOKIE_NAME in request.COOKIES or request.session.accessed:
        return request.session.get(SESSION_KEY)
    return None


def _of_person(person: str) -> int:
    key = _key(person)
    try:
        text = _redis().get(key) if _is_redis() else cache.get(key)
    except RedisError:
        return 0  # the cookie carries it too
    return int(text, 16) if text else 0


def _raise_for_person(person: str, token: int) -> None:
    key, text = _key(person), f"{token:032x}"
    if _is_redis():
        # What cannot be kept here is still in the cookie.
        with suppress(RedisError):
            _redis().eval(RAISE, 1, key, text, tokens.SECONDS)
    elif text > cache.get(key, ""):
        # Not atomic: of two writes at the same moment the earlier may stay. With replicas, have Redis.
        cache.set(key, text, tokens.SECONDS)


def _is_redis() -> bool:
    return hasattr(cache, "client")


def _redis() -> Any:
    return cast("Any", cache).client.get_client()


def _key(person: str) -> str:
    key = f"freshness:{person}"
    return str(cache.make_key(key)) if _is_redis() else key
