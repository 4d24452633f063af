"""The name of what a request does: in the log, in metrics, in what is slow."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from apps.core import tracing

GetResponse = Callable[[HttpRequest], HttpResponse]


class ViewNameMiddleware:
    """Names a request after its view, as the page cache does where it keeps the page."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., HttpResponse], *_: Any) -> None:
        """Note the name; never answers."""
        contract = getattr(view, "contract", None)
        match = request.resolver_match
        tracing.trace().doing = contract.view if contract else match.view_name.replace(":", ".") if match else ""
