"""Requests of nobody: what a page is rendered with that everybody will see."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, NoReturn

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest

# All that a shared page may depend on, besides its address.
KEPT = (
    *("SCRIPT_NAME", "PATH_INFO", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "HTTP_HOST", "wsgi.url_scheme"),
    *("HTTP_X_FORWARDED_PROTO", "HTTP_HX_REQUEST", "wsgi.errors", "wsgi.multithread", "wsgi.multiprocess"),
)


class ViewerTouched(Exception):
    """The page asked who looks: it is not the same for all, and is shown uncached."""


class Nobody:
    """Stands in for user, session and cookies. Raises ViewerTouched when touched."""

    def __getattribute__(self, name: str) -> NoReturn:
        raise ViewerTouched(name)

    def _touched(self, *_: object) -> NoReturn:
        raise ViewerTouched

    __bool__ = __iter__ = __len__ = __str__ = __getitem__ = __contains__ = _touched
    __eq__ = __hash__ = _touched


def request_of_nobody(request: HttpRequest, query: str) -> HttpRequest:
    """A request for the same page without cookies, address and other traces of a person."""
    environ: dict[str, Any] = {name: request.META[name] for name in KEPT if name in request.META}
    # Django has decoded these two, and would do it again.
    environ |= {name: environ[name].encode().decode("iso-8859-1") for name in ("SCRIPT_NAME", "PATH_INFO")}
    stranger = WSGIRequest(environ | {"REQUEST_METHOD": "GET", "QUERY_STRING": query, "wsgi.input": BytesIO()})
    stranger.is_shared = True  # type: ignore[attr-defined]  # read by is_shared
    return stranger


def is_shared(request: HttpRequest) -> bool:
    """Whether this is a request of nobody."""
    return hasattr(request, "is_shared")


@contextmanager
def nobody_looks(request: HttpRequest) -> Iterator[None]:
    """Have the block raise ViewerTouched when it asks the request who looks."""
    names = ("user", "session", "COOKIES", "_messages")
    kept = {name: getattr(request, name) for name in names if hasattr(request, name)}
    for name in names:
        setattr(request, name, Nobody())
    try:
        yield
    finally:
        for name in names:
            delattr(request, name)
        for name, value in kept.items():
            setattr(request, name, value)
    if "CSRF_COOKIE" in request.META:
        raise ViewerTouched("CSRF token")
