"""What can be said without asking further in; and a WSGI handler that says it before all of Django's own."""

import time
from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest, HttpResponse

from apps.core import tracing
from apps.pagecache import answers, notices
from apps.pagecache.answers import Answer
from apps.pagecache.stores import Unavailable
from apps.pagecache.visits import Visit
from apps.replicas import viewers

# Where the middleware finds a visit that has been looked up at the door.
VISIT = "pagecache.visit"
# Set by whoever wants a request answered as if no page were kept.
UNKEPT = "pagecache.unkept"


class PlainRequest(WSGIRequest):
    """A request in UTF-8, as browsers send it, whatever its Content-Type claims: an address means the same to all."""

    @property
    def encoding(self) -> str | None:
        """The site's own."""
        return None

    @encoding.setter
    def encoding(self, claimed: str | None) -> None:
        pass


class DoorHandler(WSGIHandler):
    """Django's handler. A hit of the page cache needs neither its signals nor its middleware: a third of the cost."""

    request_class = PlainRequest

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer one request."""
        answer = self.knock(environ)
        if answer is None:
            # Here, so that what Django's handler says in the log has the id too.
            with tracing.tracing(tracing.given_id(environ)) as environ[tracing.KEY]:
                response = super().__call__(environ, start_response)
            if environ["REQUEST_METHOD"] != "HEAD":
                return response
            # Servers drop its body, and complain of it.
            response.close()
            return []
        start_response("304 Not Modified" if answer.status == 304 else "200 OK", list(answer.headers))
        return [answer.body]

    def knock(self, environ: dict[str, Any]) -> Answer | None:
        """The answer from the cache, if there is one at once."""
        if environ["REQUEST_METHOD"] != "GET" or not is_open(environ):
            return None
        try:
            # A copy: a request puts the decoded path where the next one would decode it again.
            environ[VISIT] = visit = Visit(self.request_class(environ.copy()), self._let_in)
            return ready(visit)
        except (Unavailable, SuspiciousOperation):
            return None  # the latter is refused further in

    def _let_in(self, request: HttpRequest) -> HttpResponse:
        return cast("HttpResponse", self.get_response(request))


def is_open(environ: dict[str, Any]) -> bool:
    """Whether kept pages may answer this request."""
    return settings.PAGECACHE and UNKEPT not in environ


def visited(request: HttpRequest, chain: Callable[[HttpRequest], HttpResponse]) -> Visit:
    """The visit of this request, from the door or begun here."""
    visit: Visit = request.META.get(VISIT) or Visit(request, chain)
    visit.request, visit.chain = request, chain
    return visit


def ready(visit: Visit) -> Answer | None:
    """What can be said at once: to visitors, to members who see the same again, to all while too many come.

    Raises Unavailable.
    """
    visit.look()
    if (own_page := visit.own_page()) and not notices.text(visit.request):
        return answers.for_same_member(visit, own_page)
    if visit.is_member and not is_late(visit.request):
        return None
    if not visit.shows(viewers.carried(visit.request)) or not (entry := visit.take()):
        return None
    if not visit.is_member:
        return answers.for_visitor(visit, entry)
    visit.outcome = "shed"
    return answers.in_need(visit, entry, notices.BUSY)


def is_late(request: HttpRequest) -> bool:
    """Whether the request has waited for a thread longer than PAGECACHE_QUEUE_SECONDS, by Nginx's clock."""
    sent = answers.sent_at(request)
    return sent is not None and time.time() - sent > settings.PAGECACHE_QUEUE_SECONDS
