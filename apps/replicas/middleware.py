"""Requests: which of them may read from replicas, what is done when a server fails one, and who remembers a write."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.module_loading import import_string

from apps.replicas import failures, metrics, readonly, servers, state, tokens, viewers
from apps.replicas.servers import PRIMARY
from apps.replicas.state import Freshness, freshness

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}
RETRY_SECONDS = 10

GetResponse = Callable[[HttpRequest], HttpResponse]


class FreshnessMiddleware:
    """Stands inside sessions and outside authentication: the user's row is read by the rules, too."""

    def __init__(self, get_response: GetResponse) -> None:
        if not servers.fleet.replicas:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve a safe request from a replica if one is fresh enough, anything else from the primary."""
        is_safe = request.method in SAFE_METHODS
        with freshness(is_pinned=not is_safe) as now:
            response = self.read(request, now) if is_safe else self.get_response(request)
            if readonly.is_primary_gone():
                _leave_session(request, response)
            elif now.has_written:
                _remember(request, response)
        return response

    def read(self, request: HttpRequest, now: Freshness) -> HttpResponse:
        """Answer a safe request; once more elsewhere when a server is lost, each server at most once."""
        response = self.attempt(request, now)
        for _ in servers.fleet.replicas:
            if not _was_lost(response, now):
                break
            _turn_elsewhere(now)
            response = self.attempt(request, now)
        return response

    def attempt(self, request: HttpRequest, now: Freshness) -> HttpResponse:
        """Answer with what the viewer must see. The session may be in the database, and lost with it."""
        # First what needs no look-up: the session may be read from the database, and must wait for the primary too.
        now.needed = max(now.needed, viewers.carried(request))
        try:
            now.needed = max(now.needed, viewers.needed(request))
        except DatabaseError:
            if now.failed:
                return _unanswered()
            raise
        return self.get_response(request)


class ReadOnlyMiddleware:
    """Stands innermost, so that the refusal's page is a page like any other. Refuses what writes while nothing can."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Refuse before anything is tried."""
        return _refusal(request) if request.method not in SAFE_METHODS and readonly.notice() else None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Refuse what met the primary's end; what a safe request met is answered by another run."""
        now = state.current()
        if now is None or not isinstance(exception, DatabaseError):
            return None
        if not now.failed and failures.is_lost(exception):
            # Replicas are connected by the router, which reports: without a name, it was a connection to the primary.
            servers.fleet.report(PRIMARY, exception, now)
        if not now.failed:
            return None
        if request.method in SAFE_METHODS:
            return _unanswered()
        now.is_relaxed = True
        return _refusal(request)


def _was_lost(response: HttpResponse, now: Freshness) -> bool:
    """Whether a server failed this run, nothing was sent or written, and another server is left."""
    return bool(now.failed) and response.status_code >= 500 and not response.streaming and not now.has_written


def _turn_elsewhere(now: Freshness) -> None:
    metrics.RERUNS.labels(now.failed).inc()
    now.is_relaxed |= now.failed == PRIMARY
    now.failed = ""
    now.release()


def _unanswered() -> HttpResponse:
    """Seen by people only when every server has failed."""
    text = "The site's databases cannot be reached. Try again in a moment."
    return HttpResponse(text, status=503, content_type="text/plain", headers={"Retry-After": str(RETRY_SECONDS)})


def _remember(request: HttpRequest, response: HttpResponse) -> None:
    if connections[PRIMARY].in_atomic_block:
        return  # not committed: only in tests that roll everything back
    try:
        token = tokens.current()
    except DatabaseError:
        return  # committed, and the primary gone since: its answer stands
    viewers.remember(request, response, token)


def _leave_session(request: HttpRequest, response: HttpResponse) -> None:
    """Neither save the session nor take it for empty, and so end it: a replica may not have it yet."""
    if not request.session.accessed:
        return
    del request.session
    patch_vary_headers(response, ["Cookie"])


def _refusal(request: HttpRequest) -> HttpResponse:
    view = import_string(settings.READ_ONLY_VIEW)
    response: HttpResponse = view(request, message=readonly.notice())
    response.status_code = 503
    response["Retry-After"] = str(RETRY_SECONDS)
    return response
