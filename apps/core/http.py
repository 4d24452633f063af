"""Where a request goes next, and what its sender has already. Not here: pages (views.py)."""

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails


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
    """To the page of this site that the form's `next` field names, there to the element whose id is `anchor`.

    To the front page where it names another site: no form sends people elsewhere.
    """
    address = request.POST.get("next", "")
    path = address if url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure()) else "/"
    # Not by `redirect`, which would look for a view of that name.
    return HttpResponseRedirect(f"{path}#{anchor}" if anchor else path)
