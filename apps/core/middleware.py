"""Around every request: its id for the log, and the one place where an expected refusal becomes a page."""

import re
from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest, HttpResponse

from apps.core import tracing
from apps.core.errors import DomainError, NotFound
from apps.core.views import refusal

# What Nginx sends; from others it may be anything.
REQUEST_ID = re.compile(rf"[A-Za-z0-9-]{{8,{tracing.LENGTH}}}")

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Gives what the request does the id that Nginx has given it, or one of its own."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        with tracing.tracing(given if REQUEST_ID.fullmatch(given) else uuid4().hex):
            return self.get_response(request)


class DomainErrorMiddleware:
    """Answers a DomainError with its status and a page that keeps what was typed."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, unless its path holds the one character that PostgreSQL takes in no text."""
        if "\x00" in request.path:
            return refusal(request, status=NotFound.status, message=NotFound.message)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The refusal's page, or None for anything unexpected."""
        if isinstance(exception, DomainError):
            return refusal(request, status=exception.status, message=exception.detail)
        return None
