"""Where a request goes next. Not here: pages (views.py)."""

from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme


def local_path(request: HttpRequest, address: str) -> str:
    """`address` when it leads to this site, else the front page: no form sends people elsewhere."""
    return address if url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure()) else "/"


def page_path(request: HttpRequest) -> str:
    """The path of the page that the person looks at, also while htmx asks for a part of it."""
    return str(request.htmx.current_url_abs_path or "/") if is_fragment(request) else request.get_full_path()  # type: ignore[attr-defined]  # set by HtmxMiddleware


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page."""
    return bool(request.htmx)  # type: ignore[attr-defined]  # set by HtmxMiddleware


def back(request: HttpRequest) -> HttpResponseRedirect:
    """To the page that the form's `next` field names."""
    return redirect(local_path(request, request.POST.get("next", "")))
