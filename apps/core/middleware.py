"""The one place where an expected refusal becomes a page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from apps.core.errors import DomainError
from apps.core.views import refusal


class DomainErrorMiddleware:
    """Answers a DomainError with its status and a page that keeps what was typed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The refusal's page, or None for anything unexpected."""
        if isinstance(exception, DomainError):
            return refusal(request, status=exception.status, message=exception.detail)
        return None
