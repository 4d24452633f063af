"""Where a request goes next. Not here: pages (views.py)."""

from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme


def local_path(request: HttpRequest, address: str) -> str:
    """`address` when it leads to this site, else the front page: no form sends people elsewhere."""
    return address if url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure()) else "/"


def back(request: HttpRequest) -> HttpResponseRedirect:
    """To the page that the form's `next` field names."""
    return redirect(local_path(request, request.POST.get("next", "")))
