"""Where a request comes from and goes next, what it brings, what its sender has. Not here: pages (views.py)."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails


def client_address(request: HttpRequest) -> IPv4Address | IPv6Address | None:
    """Where the request comes from; None through a socket, without a proxy that says more."""
    # Nginx says it; without a proxy nobody is believed.
    said = request.META.get("HTTP_X_REAL_IP", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    try:
        return ip_address(said or request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return None


def local_path(request: HttpRequest, address: str) -> str:
    """`address` when it is a path of this site, else the front page: no form sends people elsewhere."""
    is_ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure())
    return address if is_ours and address.startswith("/") else "/"


def page_path(request: HttpRequest) -> str:
    """The path of the page that the person looks at, also while htmx asks for a part of it."""
    htmx = HtmxDetails(request)
    if not htmx:
        return request.get_full_path()
    try:
        return (htmx.current_url_abs_path or "/").partition("#")[0]
    except ValueError:  # no address at all
        return "/"


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page."""
    return bool(HtmxDetails(request))


def sent(request: HttpRequest) -> QueryDict | None:
    """The fields of a form, also when there are none in it; None while it is only looked at."""
    return request.POST if request.method == "POST" else None


def has_already(request: HttpRequest, etag: str) -> bool:
    """Whether the sender has the answer of this ETag (If-None-Match), or wants none that is there."""
    known = request.META.get("HTTP_IF_NONE_MATCH", "")
    return known.strip() == "*" or etag.removeprefix("W/") in known


def back(request: HttpRequest, anchor: str = "") -> HttpResponseRedirect:
    """To the page that the form's `next` field names, there to the element whose id is `anchor`."""
    path = local_path(request, request.POST.get("next", ""))
    return redirect(f"{path}#{anchor}" if anchor else path)
