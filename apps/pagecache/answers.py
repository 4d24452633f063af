"""Kept pages as answers: to visitors, to members, and to whoever comes while something is wrong."""

import hashlib
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.text import compress_string

from apps.pagecache import metrics, notices, own
from apps.pagecache.entries import Entry, Neutral
from apps.pagecache.own import OwnPage
from apps.pagecache.strangers import request_of_nobody

if TYPE_CHECKING:
    from apps.pagecache.visits import Visit

# A proxy keeps a visitor's page for a second, and longer only while the site is down.
SHARED = "public, max-age=0, s-maxage=1, stale-while-revalidate=1, stale-if-error=3600"
PRIVATE = "private, no-cache"
NEVER = "private, no-store"
# A visitor's page differs by these, and by nothing else of a request.
VARY = "Cookie, HX-Request, Accept-Encoding"
# As Django's own middleware does: the length says less about what is inside (BREACH).
RANDOM_BYTES = 100


def for_visitor(visit: "Visit", entry: Entry) -> HttpResponse:
    """The page for somebody who is not signed in; ready-made for most."""
    request = visit.request
    if notices.text(request):
        return _neutral_now(visit, entry, NEVER)
    if any(name in request.COOKIES for name in settings.PAGECACHE_SLOT_COOKIES) or "HTTP_HX_REQUEST" in request.META:
        return _neutral_now(visit, entry, SHARED)
    entry.neutral = entry.neutral or _neutral(request_of_nobody(request, visit.query), entry)
    etag = entry.neutral.etag
    if _has(request, etag):
        return _marked(HttpResponseNotModified(), visit, entry, SHARED, etag)
    if "gzip" not in request.META.get("HTTP_ACCEPT_ENCODING", ""):
        return _marked(HttpResponse(entry.neutral.body), visit, entry, SHARED, etag)
    response = HttpResponse(entry.neutral.compressed, headers={"Content-Encoding": "gzip"})
    return _marked(response, visit, entry, SHARED, etag)


def for_member(visit: "Visit", entry: Entry) -> HttpResponse:
    """The page with its slots filled for who is signed in. At most 1 query for each kind of slot."""
    # Taken first: what happens while the slots are filled makes the page another one.
    visit.proven = None if notices.text(visit.request) else own.prove(visit.request)
    body = entry.segments.fill(visit.request).encode()
    response = HttpResponse(body, content_type=entry.headers["Content-Type"])
    response["Cache-Control"] = PRIVATE
    response["ETag"] = _etag(body)
    _count(visit, entry.view, response)
    return response


def for_same_member(visit: "Visit", page: OwnPage) -> HttpResponse:
    """The page just as its viewer has seen it a moment ago. No query."""
    is_known = _has(visit.request, page.etag)
    response = HttpResponseNotModified() if is_known else HttpResponse(page.body)
    for name, value in page.headers.items():
        if not (is_known and name == "Content-Length"):
            response[name] = value
    visit.outcome = "own"
    _count(visit, page.view, response)
    return response


def in_need(visit: "Visit", entry: Entry, notice: str) -> HttpResponse:
    """The page without anything of its viewer's, and why. No query."""
    notice += notices.STILL_LOGGED_IN if visit.is_member else ""
    visit.request.page_notice = notice  # type: ignore[attr-defined]  # read by notices.text
    return _neutral_now(visit, entry, NEVER)


def uncached(response: HttpResponse, view: str) -> HttpResponse:
    """A page that was rendered for its viewer alone."""
    metrics.ANSWERS.labels(view, "uncached").inc()
    response.setdefault("Cache-Control", NEVER)
    return response


def _neutral_now(visit: "Visit", entry: Entry, control: str) -> HttpResponse:
    request = visit.request
    request.user = AnonymousUser()
    body = entry.segments.fill(request).encode()
    etag = _etag(body)
    if _has(request, etag):
        return _marked(HttpResponseNotModified(), visit, entry, control, etag)
    response = HttpResponse(body)
    if "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
        response = HttpResponse(_compressed(body), headers={"Content-Encoding": "gzip"})
    return _marked(response, visit, entry, control, etag)


def _neutral(request: HttpRequest, entry: Entry) -> Neutral:
    request.user = AnonymousUser()
    body = entry.segments.fill(request).encode()
    return Neutral(body, _compressed(body), _etag(body))


def _compressed(body: bytes) -> bytes:
    return compress_string(body, max_random_bytes=RANDOM_BYTES)


def _marked(response: HttpResponse, visit: "Visit", entry: Entry, control: str, etag: str) -> HttpResponse:
    """With the headers that were kept, and those of this moment."""
    for name, value in entry.headers.items():
        response[name] = value
    response["Cache-Control"] = control
    if response.status_code == 200:
        response["Content-Length"] = str(len(response.content))
    response["ETag"] = etag
    response["Surrogate-Key"] = " ".join(entry.tags)
    response["Vary"] = VARY
    _count(visit, entry.view, response)
    return response


def _count(visit: "Visit", view: str, response: HttpResponse) -> None:
    metrics.ANSWERS.labels(view, visit.outcome).inc()
    response["Cache-Status"] = (
        f"pages; {'fwd=miss; stored' if visit.outcome == 'miss' else 'hit'}; detail={visit.outcome}"
    )


def _etag(body: bytes) -> str:
    return f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def _has(request: HttpRequest, etag: str) -> bool:
    """Whether the viewer already has this very page."""
    return etag.removeprefix("W/") in request.META.get("HTTP_IF_NONE_MATCH", "")
