"""The page cache before everything else, and the filling of slots inside everything else."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.pagecache import answers, door, notices, owed, own, purging, slots
from apps.pagecache.entries import State
from apps.pagecache.stores import Unavailable
from apps.pagecache.strangers import is_shared
from apps.replicas import viewers

GetResponse = Callable[[HttpRequest], HttpResponse]
SAFE_METHODS = {"GET", "HEAD"}


class PageCacheMiddleware:
    """Stands first: what it answers has no need of the others."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer from the cache, or pass the request on; have its viewer remember what it purged."""
        with purging.watched() as purges:
            if is_shared(request):
                response = self.get_response(request)
            elif request.method in SAFE_METHODS:
                response = self.read(request) if door.is_open(request.META) else self.get_response(request)
            else:
                response = self.get_response(request)
                own.outdate(request, response)
        if purges.token and not settings.REPLICAS:
            # With replicas, FreshnessMiddleware does this after any write.
            viewers.remember(request, response, purges.token)
        if purges.unstamped:
            owed.carry(response, purges.unstamped)
        return response

    def read(self, request: HttpRequest) -> HttpResponse:
        """Answer a GET. A visitor's hit ends here; a member's takes its page along to where slots can be filled."""
        visit = door.visited(request, self.get_response)
        try:
            answer = None if visit.has_looked else door.ready(visit)
        except Unavailable:
            return self.get_response(request)
        if answer is not None:
            return answer.response()
        request.visit = visit  # type: ignore[attr-defined]  # read by cached_page
        response = self.get_response(request)
        if response.status_code >= 500 and visit.entry and visit.state is not State.USELESS:
            visit.outcome = "error"
            return answers.in_need(visit, visit.entry, notices.OUTAGE).response()
        if visit.found and visit.proven:
            own.keep(request, visit.key, visit.found, visit.proven, response)
        if visit.found and not visit.is_member:
            return answers.for_visitor(visit, visit.found).response()
        return response


class SlotMiddleware:
    """Stands inside sessions, authentication, CSRF and messages, which the slots' loaders use."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; fill the answer's slots, if it has any."""
        response = self.get_response(request)
        if not is_shared(request) and not response.streaming and slots.MARK in response.content:
            response.content = slots.fill(request, response.content.decode())
        return response
