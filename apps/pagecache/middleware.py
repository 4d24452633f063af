"""Fills the slots of a rendered page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from apps.pagecache import slots


class SlotMiddleware:
    """Stands inside sessions, authentication, CSRF and messages, which the slots' loaders use."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; fill the answer's slots, if it has any."""
        response = self.get_response(request)
        if not response.streaming and slots.MARK in response.content:
            response.content = slots.fill(request, response.content.decode())
        return response
