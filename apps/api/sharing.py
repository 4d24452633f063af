"""Answers to visitors, which are kept like pages; and the addresses of a list's other pages."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict

from apps.api import limits
from apps.api.endpoints import Endpoint
from apps.core.cursors import Page
from apps.pagecache.pages import TagSource, cached_page
from apps.pagecache.strangers import is_shared


def shared(endpoint: type[Endpoint], *, tags: Sequence[TagSource]) -> Callable[..., HttpResponse]:
    """The view of `endpoint`, whose answer to visitors is kept for a minute, or until one of `tags` is purged.

    Members get answers of their own. What comes from the cache counts for nobody's limit.
    """
    view = endpoint.as_view()
    view.__name__ = endpoint.__name__.lower()  # type: ignore[attr-defined]  # a function
    kept = cached_page(seconds=60, tags=tags)(view)

    @wraps(kept)
    def choose(request: HttpRequest, **address: Any) -> HttpResponse:
        visit = getattr(request, "visit", None)
        is_by_visitor = visit is not None and not visit.is_member
        return (kept if is_shared(request) or (is_by_visitor and _may(request)) else view)(request, **address)

    return choose


def page_of(request: Any, page: Page[Any], items: Sequence[object]) -> dict[str, Any]:
    """A page of a list with the addresses of its neighbors."""
    return {"items": items, "previous": neighbor(request, page.previous), "next": neighbor(request, page.next)}


def neighbor(request: Any, place: str = "", **changed: object) -> str | None:
    """The same address at another `place`, a cursor's query string, and with `changed` parameters; None without one."""
    if not (place or changed):
        return None
    query: QueryDict = request.GET.copy()
    for name in ("after", "before"):
        query.pop(name, None)
    for name, value in (QueryDict(place.removeprefix("?")).dict() | changed).items():
        query[name] = str(value)
    return str(request.build_absolute_uri(f"{request.path}?{query.urlencode()}"))


def _may(request: Any) -> bool:
    """Whether this visitor has not asked too often; the view itself says so to who has."""
    request.budget = limits.spend(limits.address(request), is_write=False)
    return not request.budget.is_overdrawn
