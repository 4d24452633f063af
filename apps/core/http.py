"""Where a request goes next, and what its sender has already. Not here: pages (views.py)."""

from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails


def local_path(request: HttpRequest, address: str) -> str:
    """`address` when it leads to this site, else the front page: no form sends people elsewhere."""
    return address if url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure()) else "/"


def page_path(request: HttpRequest) -> str:
    """The path of the page that the person looks at, also while htmx asks for a part of it."""
    htmx = HtmxDetails(request)
    return (htmx.current_url_abs_path or "/").partition("#")[0] if htmx else request.get_full_path()


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page."""
    return bool(HtmxDetails(request))


def has_already(request: HttpRequest, etag: str) -> bool:
    """Whether the sender has the answer of this ETag (If-None-Match), or wants none that is there."""
    known = request.META.get("HTTP_IF_NONE_MATCH", "")
    return known.strip() == "*" or etag.removeprefix("W/") in known


def back(request: HttpRequest, anchor: str = "") -> HttpResponseRedirect:
    """To the page that the form's `next` field names, there to the element whose id is `anchor`."""
    path = local_path(request, request.POST.get("next", ""))
    return redirect(f"{path}#{anchor}" if anchor else path)
