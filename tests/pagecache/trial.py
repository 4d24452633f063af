"""A little site of cached pages: addresses, views, slots, and what they show."""

from collections import Counter
from collections.abc import Callable, Sequence

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import path

from apps.pagecache import purging, slots
from apps.pagecache.pages import cached_page
from apps.pagecache.tags import tag

# What the pages show, and how often each was rendered.
WORLD: dict[str, str] = {}
RENDERS: Counter[str] = Counter()
# What others do while a page is rendered, after it has read what it shows.
MEANWHILE: list[Callable[[], object]] = []
ALL = "all"


def thing(name: str) -> str:
    return tag("thing", name)


@cached_page(seconds=60, tags=[ALL, thing], grace=30)
def show(request: HttpRequest, name: str) -> HttpResponse:
    RENDERS[name] += 1
    if WORLD.get(name) == "broken":
        raise RuntimeError(name)
    part = " part" if request.headers.get("HX-Request") == "true" else ""
    text = f"<p>{WORLD.get(name, '')}{request.GET.get('order', '')}{part}</p>"
    while MEANWHILE:
        MEANWHILE.pop()()
    marks = [slots.slot("notice"), slots.slot("viewer", name), slots.slot("told")]
    return HttpResponse("".join([text, *marks]))


@cached_page(seconds=60, tags=[ALL])
def nosy(request: HttpRequest, what: str) -> HttpResponse:
    RENDERS["nosy"] += 1
    match what:
        case "user":
            return HttpResponse(f"{request.user.pk}")
        case "session":
            return HttpResponse(request.session.get("a", ""))
        case "cookies":
            return HttpResponse(request.COOKIES.get("a", ""))
        case "token":
            return HttpResponse(get_token(request))
        case "messages":
            return HttpResponse("".join(map(str, messages.get_messages(request))))
    return HttpResponse("nothing")


@cached_page(seconds=60, tags=[ALL])
def odd(request: HttpRequest, what: str) -> HttpResponse:
    RENDERS["odd"] += 1
    match what:
        case "missing":
            raise Http404
        case "moved":
            return redirect("/show/a")
        case "failed":
            return HttpResponse("failed", status=503)
    response = HttpResponse("<p>odd</p>", headers={"X-Odd": "1", "Content-Language": "eo", "Link": "</x>; rel=a"})
    response.set_cookie("odd", "1")
    return response


def change(request: HttpRequest, name: str) -> HttpResponse:
    """Somebody writes: the page's tag is purged, and they are told."""
    WORLD[name] = request.POST["text"]
    purging.purge(thing(name))
    return redirect(f"/show/{name}")


def tell(request: HttpRequest) -> HttpResponse:
    messages.info(request, request.POST["text"])
    return HttpResponse()


urlpatterns = [
    path("show/<str:name>", show),
    path("nosy/<str:what>", nosy),
    path("odd/<str:what>", odd),
    path("change/<str:name>", change),
    path("tell", tell),
]


@slots.loader("viewer")
def viewer(request: HttpRequest, keys: Sequence[tuple[object, ...]]) -> list[str]:
    return [f"<b>{request.user}{request.COOKIES.get('theme', '')}</b>" for _ in keys]


@slots.loader("told")
def told(request: HttpRequest, keys: Sequence[tuple[object, ...]]) -> list[str]:
    return ["".join(f"<i>{message}</i>" for message in messages.get_messages(request)) for _ in keys]
