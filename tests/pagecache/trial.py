"""A little site of cached pages: addresses, views, slots, and what they show."""

from collections import Counter
from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.urls import path

from apps.pagecache import slots
from apps.pagecache.pages import cached_page
from apps.pagecache.tags import tag

# What the pages show, and how often each was rendered.
WORLD: dict[str, str] = {}
RENDERS: Counter[str] = Counter()
ALL = "all"


def thing(name: str) -> str:
    return tag("thing", name)


@cached_page(seconds=60, tags=[ALL, thing])
def show(request: HttpRequest, name: str) -> HttpResponse:
    RENDERS[name] += 1
    if WORLD.get(name) == "broken":
        raise RuntimeError(name)
    order = request.GET.get("order", "")
    return HttpResponse(f"<p>{WORLD.get(name, '')}{order}</p>{slots.slot('notice')}{slots.slot('viewer', name)}")


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
    return HttpResponse("nothing")


urlpatterns = [path("show/<str:name>", show), path("nosy/<str:what>", nosy)]


@slots.loader("viewer")
def viewer(request: HttpRequest, keys: Sequence[tuple[object, ...]]) -> list[str]:
    return [f"<b>{request.user}</b>" for _ in keys]
