"""Around every request: its id for the log, and the one place where an expected refusal becomes a page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from apps.core import tracing
from apps.core.errors import DomainError, NotFound
from apps.core.views import refusal

GetResponse = Callable[[HttpRequest], HttpResponse]

ONLY_SENT_TO = "There is nothing to see at this address: buttons and forms send to it."


class RequestIdMiddleware:
    """Gives what the request does the id that Nginx has given it, or one of its own; unless it has one already."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        if tracing.current():
            return self.get_response(request)
        with tracing.tracing(tracing.given_id(request.META)):
            return self.get_response(request)


class DomainErrorMiddleware:
    """Answers a DomainError with its status and a page that keeps what was typed."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, unless its path holds the one character that PostgreSQL takes in no text.

        Django's bare answer to an address that is only sent to, which people meet by reloading, gets a page.
        """
        if "\x00" in request.path:
            return refusal(request, status=NotFound.status, message=NotFound.message)
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and request.method == "GET":
            page = refusal(request, status=response.status_code, message=ONLY_SENT_TO)
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The refusal's page, or None for anything unexpected."""
        if isinstance(exception, DomainError):
            return refusal(request, status=exception.status, message=exception.detail)
        return None
