"""The API's addresses. What is not there is `null`, as that API has it; nobody needs to sign in."""

import json
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from apps.comments.tags import NEWEST_COMMENTS
from apps.hackernews import queries
from apps.hackernews.items import tag
from apps.pagecache.pages import cached_page
from apps.stories.tags import FRONT_PAGE, person

View = Callable[..., HttpResponse]


def _readable(view: View) -> View:
    """Only read, and whoever writes hears that (405), not that a form of the site's own was wanted (403)."""
    return csrf_exempt(require_safe(view))


@_readable
@cached_page(seconds=60, tags=[tag])
def item(request: HttpRequest, item: int) -> HttpResponse:
    """A story, a job or a comment."""
    return _json(queries.item(item))


@_readable
@cached_page(seconds=60, tags=[person])
def user(request: HttpRequest, username: str) -> HttpResponse:
    """A person."""
    return _json(queries.user(username))


@_readable
@cached_page(seconds=60, tags=[FRONT_PAGE])
def listing(request: HttpRequest, name: str) -> HttpResponse:
    """The numbers of stories in one of the API's lists."""
    return _json(queries.listing(name, now=timezone.now()))


@_readable
@cached_page(seconds=60, tags=[FRONT_PAGE, NEWEST_COMMENTS])
def newest_item(request: HttpRequest) -> HttpResponse:
    """The largest number in use: walk down from it to see everything."""
    return _json(queries.newest_item())


@_readable
@cached_page(seconds=60, tags=[FRONT_PAGE, NEWEST_COMMENTS])
def updates(request: HttpRequest) -> HttpResponse:
    """What has changed lately."""
    return _json(queries.updates())


@_readable
def nothing(request: HttpRequest, path: str) -> HttpResponse:
    """Any other address."""
    return _json(None)


def _json(found: object) -> HttpResponse:
    return HttpResponse(json.dumps(found), content_type="application/json; charset=utf-8")
