"""Kept pages as answers: to visitors, to members, and to whoever comes while something is wrong."""

import hashlib
import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.text import compress_string

from apps.core.http import has_already
from apps.pagecache import metrics, notices, own
from apps.pagecache.entries import Entry
from apps.pagecache.own import OwnPage
from apps.pagecache.strangers import request_of_nobody

if TYPE_CHECKING:
    from apps.pagecache.visits import Visit

# A proxy keeps a visitor's page for a second, and longer only while the site is down.
SHARED = "public, max-age=0, s-maxage=1, stale-while-revalidate=1, stale-if-error=3600"
PRIVATE = "private, no-cache"
NEVER = "private, no-store"
# A visitor's page differs by these, and by nothing else of a request.
VARY = "Authorization, Cookie, HX-Request, Accept-Encoding"
# By the header that a CDN reads them from.
PARTED_BY = {"Surrogate-Key": " ", "Cache-Tag": ",", "Edge-Cache-Tag": ","}
# As Django's own middleware does: the length says less about what is inside (BREACH).
RANDOM_BYTES = 100
# As Nginx writes a moment.
SECONDS = re.compile(r"t=([0-9]{1,12}(?:\.[0-9]{1,9})?)")
# Not said of a page that is not sent.
OF_A_BODY = {"Content-Type", "Content-Length"}

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """All that is sent; 304 without the body that the reader has."""

    status: int
    headers: Headers
    body: bytes = b""

    def response(self) -> HttpResponse:
        """The same for Django."""
        response = HttpResponse(self.body, status=self.status, headers=dict(self.headers))
        if self.status == 304:
            del response["Content-Type"]
        return response


@dataclass(slots=True)
class Neutral:
    """The page as every visitor without cookies sees it, and compressed once somebody takes it so."""

    headers: Headers
    etag: str
    body: bytes
    compressed: bytes = b""


def for_visitor(visit: "Visit", entry: Entry) -> Answer:
    """The page for somebody who is not signed in; ready-made for most."""
    request = visit.request
    if notices.text(request):
        return _counted(visit, entry.view, _pick(request, _neutral(request, entry, NEVER)))
    if any(name in request.COOKIES for name in settings.PAGECACHE_SLOT_COOKIES):
        # A proxy may read cookies otherwise than Django does, and would show this to all.
        return _counted(visit, entry.view, _pick(request, _neutral(request, entry, PRIVATE)))
    if "HTTP_HX_REQUEST" in request.META:
        return _counted(visit, entry.view, _pick(request, _neutral(request, entry, SHARED)))
    if entry.neutral is None:
        entry.neutral = _neutral(request_of_nobody(request, visit.query), entry, SHARED)
    answer = _pick(request, entry.neutral)
    return _counted(visit, entry.view, replace(answer, headers=(*answer.headers, *_ending(request, entry))))


def for_member(visit: "Visit", entry: Entry) -> HttpResponse:
    """The page with its slots filled for who is signed in. At most 1 query for each kind of slot."""
    # Taken first: what happens while the slots are filled makes the page another one.
    visit.proven = None if notices.text(visit.request) else own.prove(visit.request)
    body = entry.segments.fill(visit.request).encode()
    headers = (("Content-Type", entry.headers["Content-Type"]), ("Cache-Control", PRIVATE), ("ETag", _etag(body)))
    return _counted(visit, entry.view, Answer(200, headers, body)).response()


def for_same_member(visit: "Visit", page: OwnPage) -> Answer:
    """The page just as its viewer has seen it a moment ago. No query."""
    visit.outcome = "own"
    answer = Answer(200, tuple(page.headers.items()), page.body)
    if has_already(visit.request, page.etag):
        answer = Answer(304, tuple((name, value) for name, value in answer.headers if name not in OF_A_BODY))
    return _counted(visit, page.view, answer)


def in_need(visit: "Visit", entry: Entry, notice: str) -> Answer:
    """The page without anything of its viewer's, and why. No query."""
    notice += notices.STILL_LOGGED_IN if visit.is_member else ""
    visit.request.page_notice = notice  # type: ignore[attr-defined]  # read by notices.text
    return _counted(visit, entry.view, _pick(visit.request, _neutral(visit.request, entry, NEVER)))


def sent_at(request: HttpRequest) -> float | None:
    """When Nginx passed the request on, by its own clock (Unix time); None where nobody says so."""
    said = SECONDS.fullmatch(request.META.get("HTTP_X_REQUEST_START", ""))
    return float(said[1]) if said else None


def uncached(response: HttpResponse, view: str) -> HttpResponse:
    """A page that was rendered for its viewer alone."""
    metrics.ANSWERS.labels(view, "uncached").inc()
    response.setdefault("Cache-Control", NEVER)
    return response


def _pick(request: HttpRequest, neutral: Neutral) -> Answer:
    if has_already(request, neutral.etag):
        return Answer(304, tuple((name, value) for name, value in neutral.headers if name not in OF_A_BODY))
    if "gzip" not in request.META.get("HTTP_ACCEPT_ENCODING", ""):
        return Answer(200, (*neutral.headers, ("Content-Length", str(len(neutral.body)))), neutral.body)
    neutral.compressed = neutral.compressed or compress_string(neutral.body, max_random_bytes=RANDOM_BYTES)
    encoding = (("Content-Encoding", "gzip"), ("Content-Length", str(len(neutral.compressed))))
    return Answer(200, neutral.headers + encoding, neutral.compressed)


def _neutral(request: HttpRequest, entry: Entry, control: str) -> Neutral:
    request.user = AnonymousUser()
    body = entry.segments.fill(request).encode()
    etag = _etag(body)
    tags = settings.PAGECACHE_TAGS_HEADER
    own_headers = {"Cache-Control": control, "ETag": etag, tags: PARTED_BY[tags].join(entry.tags), "Vary": VARY}
    return Neutral((*entry.headers.items(), *own_headers.items()), etag, body)


def _ending(request: HttpRequest, entry: Entry) -> Headers:
    """The last second in which Nginx may show its copy: the present one, if nobody is shown the page for less.

    It counts in whole seconds, by which `s-maxage=1` alone lasts for up to two.
    """
    if (sent := sent_at(request)) is None:
        return ()
    left = entry.known_at + settings.PAGECACHE_BEHIND_SECONDS - time.time()
    return (("X-Accel-Expires", f"@{min(int(sent), int(sent + left) - 1)}"),)


def _counted(visit: "Visit", view: str, answer: Answer) -> Answer:
    """With the header that says where it came from."""
    metrics.ANSWERS.labels(view, visit.outcome).inc()
    origin = "fwd=miss; stored" if visit.outcome == "miss" else "hit"
    return Answer(
        answer.status, (*answer.headers, ("Cache-Status", f"pages; {origin}; detail={visit.outcome}")), answer.body
    )


def _etag(body: bytes) -> str:
    return f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
