"""`@cached_page`: what a view promises about its page, and how the page is rendered for all."""

import inspect
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse

from apps.pagecache import answers, purging, stores
from apps.pagecache.purging import EVERYTHING
from apps.pagecache.slots import Segments, fill_shared
from apps.pagecache.strangers import ViewerTouched, is_shared, nobody_looks
from apps.replicas import state, viewers
from apps.replicas.state import freshness

if TYPE_CHECKING:
    from apps.pagecache.visits import Visit

View = Callable[..., HttpResponse]
# A tag, or what makes one or several from the address's arguments that it names.
TagSource = str | Callable[..., str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Draft:
    """A page rendered for all, on its way to be kept."""

    view: str
    token: int
    tags: tuple[str, ...]
    seconds: float
    grace: float
    segments: Segments


@dataclass(frozen=True, slots=True)
class Contract:
    """What `cached_page` was told."""

    view: str
    seconds: float
    grace: float
    sources: tuple[TagSource, ...]

    def tags(self, arguments: Mapping[str, object]) -> tuple[str, ...]:
        """The page's tags, from the arguments in its address."""
        return tuple(dict.fromkeys(itertools.chain.from_iterable(_tags(source, arguments) for source in self.sources)))


def cached_page(*, seconds: float, tags: Sequence[TagSource], grace: float = 60) -> Callable[[View], View]:
    """Render the view's page once for all, and show it for `seconds`, or until one of its `tags` is purged.

    After that it is shown for another `grace` seconds if nothing purged it, while one process renders it anew. A page
    that asks who looks (for a held story, say) is rendered for its viewer, uncached.
    """

    def decorate(view: View) -> View:
        contract = Contract(f"{view.__module__.split('.')[-2]}.{view.__name__}", seconds, grace, (EVERYTHING, *tags))

        @wraps(view)
        def cached(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if is_shared(request):
                return _drafted(request, contract, view, kwargs)
            visit: Visit | None = getattr(request, "visit", None)
            try:
                entry = visit.obtain(_seen(request)) if visit else None
            except stores.Unavailable:
                entry = None
            if visit is None or entry is None:
                if visit:
                    visit.outcome = "uncached"
                return answers.uncached(view(request, *args, **kwargs), contract.view)
            return answers.for_member(visit, entry) if visit.is_member else HttpResponse()

        cached.contract = contract  # type: ignore[attr-defined]  # for tests and operators
        return cached

    return decorate


def _seen(request: HttpRequest) -> int:
    """The token up to which this viewer has written."""
    now = state.current()
    return now.needed if now else viewers.needed(request)


def _drafted(request: HttpRequest, contract: Contract, view: View, arguments: dict[str, Any]) -> HttpResponse:
    """The page for all, with a draft of what to keep; an empty answer without one when the page asks who looks."""
    try:
        tags = contract.tags(arguments)
        # Before the render: what is stamped after this makes the page old.
        with freshness(at_least=purging.newest_stamp(tags)) as now:
            with nobody_looks(request):
                response = view(request, **arguments)
            request.user = AnonymousUser()
            segments = Segments.parse(fill_shared(request, response.content.decode()))
    except (ViewerTouched, stores.Unavailable):
        return HttpResponse(status=204)
    if response.status_code == 200 and not now.is_relaxed:
        draft = Draft(contract.view, now.needed, tags, contract.seconds, contract.grace, segments)
        response.draft = draft  # type: ignore[attr-defined]  # taken by Visit.fill
    return response


def _tags(source: TagSource, arguments: Mapping[str, object]) -> Sequence[str]:
    if isinstance(source, str):
        return [source]
    names = inspect.signature(source).parameters
    tags = source(**{name: arguments[name] for name in names})
    return [tags] if isinstance(tags, str) else tags
