"""Pages as a member has just seen them: theirs to see again, without a query, while nothing can have changed.

What differs by viewer changes by what they do or by what is done to them, and both stamp the tag of the viewer; and by
their session and cookies. An own page keeps the stamp and the session from before its slots were filled. It is shown
to the same cookies if both are the same, to the byte, and the page for all is current and still the same.

With Redis only, where the stamp and the session come with the stamps of the page in one round trip.
"""

import hashlib
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from apps.pagecache import memory, purging, stores
from apps.pagecache.entries import Entry
from apps.pagecache.tags import viewer
from apps.replicas import viewers

# How late a time such as the end of a comment's edit window may be noticed.
SECONDS = 60

# Bytes in memory besides the page's own.
OVERHEAD = 2000

# Where the viewer's stamp and session are kept, and what was there.
Keys = tuple[str, ...]
Proof = tuple[bytes | None, ...]
Proven = tuple[Keys, Proof]


@dataclass(frozen=True, slots=True)
class OwnPage:
    """A page with its slots filled, and what must be as it was."""

    view: str
    version: str
    keys: Keys
    proof: Proof
    made_at: float
    body: bytes
    headers: dict[str, str]
    etag: str

    def holds(self, entry: Entry, proof: Proof) -> bool:
        """Whether it is what filling the slots of `entry`, which is current, would give now."""
        is_fresh = time.time() - self.made_at < SECONDS
        return self.version == entry.version and self.proof == proof and is_fresh


def find(request: HttpRequest, page: str) -> OwnPage | None:
    """The own page of whoever brings these cookies. No round trip."""
    own: OwnPage | None = memory.get(_name(request, page))
    return own


def prove(request: HttpRequest) -> Proven | None:
    """What a page filled after this will have to be compared with; None when it cannot be known. 1 round trip."""
    store = stores.store()
    person = request.session.get(SESSION_KEY)
    if not isinstance(store, stores.RedisStore) or person is None or "HTTP_HX_REQUEST" in request.META:
        return None
    keys = (store.stamp_key(viewer(person)), _session_key(request))
    with suppress(stores.Unavailable, DatabaseError):
        if store.raw(keys)[0] is None:
            purging.newest_stamp([viewer(person)])
        proof = store.raw(keys)
        return (keys, proof) if all(proof) else None
    return None


def keep(request: HttpRequest, page: str, entry: Entry, proven: Proven, final: HttpResponse) -> None:
    """Keep the final answer, unless it gave its reader other cookies, or is compressed."""
    # Django gives the cookie of the CSRF token again and again, to renew its life.
    has_changed = any(request.COOKIES.get(name) != cookie.value for name, cookie in final.cookies.items())
    if final.status_code != 200 or has_changed or "Content-Encoding" in final:
        return
    own = OwnPage(entry.view, entry.version, *proven, time.time(), final.content, _kept(final), final["ETag"])
    memory.put(_name(request, page), own, OVERHEAD + len(own.body))


def _kept(final: HttpResponse) -> dict[str, str]:
    return {name: value for name, value in final.items() if name != "Cache-Status"}


def outdate(request: HttpRequest, response: HttpResponse) -> None:
    """After anything but a look: whatever it was, it may have changed what is theirs on any page. 1 round trip."""
    if response.status_code >= 500 or not isinstance(stores.store(), stores.RedisStore):
        return
    # None where the request never got to the sessions, or their database is gone.
    person = viewers.recognized(request) or getattr(request, "session", {}).get(SESSION_KEY)
    # Committed, and the primary gone since: the answer stands.
    with suppress(DatabaseError):
        if person is not None:
            purging.stamp(frozenset([viewer(person)]))


def outdate_all(people: Iterable[int]) -> None:
    """Once the caller's transaction is committed: what is theirs on any page has changed for these people (ids).

    For thousands at once: where no own pages are kept, it writes nothing. 1 round trip.
    """
    if isinstance(stores.store(), stores.RedisStore):
        purging.purge(*map(viewer, people))


def _session_key(request: HttpRequest) -> str:
    return str(cache.make_key(cast("Any", request.session).cache_key))


def _name(request: HttpRequest, page: str) -> str:
    cookies = request.META.get("HTTP_COOKIE", "").encode(errors="surrogateescape")
    return page + hashlib.blake2b(cookies, digest_size=16).hexdigest()
