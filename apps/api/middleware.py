"""What browsers want to hear before they let pages of other sites ask the API (CORS)."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

OPEN = re.compile(r"/(api/(v1/|openapi)|hn/v0/|oauth/(token|revoke)$|\.well-known/oauth-)")
# The same for all, whoever asks: so caches need not tell apart where somebody comes from.
ALWAYS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Idempotent-Replayed, Location, RateLimit, RateLimit-Policy, Retry-After, "
    "X-Freshness",
}
BEFORE = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, "
    "X-Freshness",
    "Access-Control-Max-Age": "86400",
}


class OtherSitesMiddleware:
    """Stands before the page cache. Whoever comes from another site's page is a visitor, or brings a token: an answer
    that is for any origin is shown to no page that sent cookies for it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, unless it only asks whether another one would be welcome."""
        if not OPEN.match(request.path_info):
            return self.get_response(request)
        asks_before = request.method == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in request.META
        response = HttpResponse(status=204, headers=BEFORE) if asks_before else self.get_response(request)
        for name, value in ALWAYS.items():
            response[name] = value
        return response
