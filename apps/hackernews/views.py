"""The API's addresses. What is not there is `null`, as that API has it; nobody needs to sign in."""

import json

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.comments.tags import NEWEST_COMMENTS
from apps.hackernews import queries
from apps.hackernews.items import tag
from apps.pagecache.pages import cached_page
from apps.stories.tags import FRONT_PAGE, person


@require_safe
@cached_page(seconds=60, tags=[tag])
def item(request: HttpRequest, item: int) -> HttpResponse:
    """A story, a job or a comment."""
    return _json(queries.item(item))


@require_safe
@cached_page(seconds=60, tags=[person])
def user(request: HttpRequest, username: str) -> HttpResponse:
    """A person."""
    return _json(queries.user(username))


@require_safe
@cached_page(seconds=60, tags=[FRONT_PAGE])
def listing(request: HttpRequest, name: str) -> HttpResponse:
    """The numbers of stories in one of the API's lists."""
    return _json(queries.listing(name, now=timezone.now()))


@require_safe
@cached_page(seconds=60, tags=[FRONT_PAGE, NEWEST_COMMENTS])
def newest_item(request: HttpRequest) -> HttpResponse:
    """The largest number in use: walk down from it to see everything."""
    return _json(queries.newest_item())


@require_safe
@cached_page(seconds=60, tags=[FRONT_PAGE, NEWEST_COMMENTS])
def updates(request: HttpRequest) -> HttpResponse:
    """What has changed lately."""
    return _json(queries.updates())


def _json(found: object) -> HttpResponse:
    # For readers in browsers, which live on other sites.
    headers = {"Access-Control-Allow-Origin": "*"}
    return HttpResponse(json.dumps(found), content_type="application/json; charset=utf-8", headers=headers)
