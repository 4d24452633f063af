"""Feeds: each shows the same rows as the page of the same address, and changes with it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from apps.accounts.permissions import access_person
from apps.comments import tags as comment_tags
from apps.comments.queries import lists as comments
from apps.comments.queries.rows import CommentRow
from apps.communities.permissions import access_community, access_tag
from apps.communities.tags import together
from apps.core import cursors
from apps.core.cursors import Page
from apps.core.errors import Invalid
from apps.core.text import clean_line
from apps.feeds import formats, keys, queries
from apps.feeds.formats import Entry, Feed
from apps.moderation import queries as moderation
from apps.moderation import tags as moderation_tags
from apps.notifications import queries as notifications
from apps.pagecache.pages import cached_page
from apps.search import queries as searches
from apps.search import tags as search_tags
from apps.search.language import parse
from apps.stories import tags
from apps.stories.permissions import access_story
from apps.stories.queries import lists as stories

Words = dict[str, Any]


@require_safe
@cached_page(seconds=60, tags=[tags.FRONT_PAGE])
def front_page(request: HttpRequest, form: str, **order: str) -> HttpResponse:
    """All stories."""
    return _stories(request, form, order, "stories", {})


@require_safe
@cached_page(seconds=60, tags=[tags.community])
def community(request: HttpRequest, form: str, slug: str, **order: str) -> HttpResponse:
    """Stories of one community."""
    place = access_community(slug)
    return _stories(request, form, order, f"in {place.name}", {"community": place})


@require_safe
@cached_page(seconds=60, tags=[tags.tagged])
def tag(request: HttpRequest, form: str, names: str, **order: str) -> HttpResponse:
    """Stories with any of the tags, which the address joins by commas."""
    words = tuple(access_tag(name) for name in together(names))
    return _stories(request, form, order, f"tagged {' or '.join(word.name for word in words)}", {"tags": words})


@require_safe
@cached_page(seconds=60, tags=[tags.domain])
def domain(request: HttpRequest, form: str, domain: str, **order: str) -> HttpResponse:
    """Stories from one web site."""
    return _stories(request, form, {"order": "newest"} | order, f"from {domain}", {"domain": domain.lower()})


@require_safe
@cached_page(seconds=60, tags=[tags.person])
def person(request: HttpRequest, form: str, username: str, **order: str) -> HttpResponse:
    """Stories that one person submitted."""
    author = access_person(username)
    return _stories(request, form, {"order": "newest"} | order, f"by {author.username}", {"person": author})


@require_safe
@cached_page(seconds=60, tags=[comment_tags.NEWEST_COMMENTS, comment_tags.STORY_TITLES])
def newest_comments(request: HttpRequest, form: str) -> HttpResponse:
    """The newest comments of the whole site."""
    return _comments(request, form, "newest comments", comments.newest)


@require_safe
@cached_page(seconds=60, tags=[comment_tags.person, comment_tags.STORY_TITLES])
def persons_comments(request: HttpRequest, form: str, username: str) -> HttpResponse:
    """What one person wrote."""
    author = access_person(username)
    return _comments(request, form, f"comments by {author.username}", comments.by_person, author)


@require_safe
@cached_page(seconds=60, tags=[comment_tags.story])
def thread(request: HttpRequest, form: str, pk: int, slug: str) -> HttpResponse:
    """The newest comments on one story."""
    story = access_story(request.user, pk)
    title = "a story that is gone" if story.is_gone else story.title
    return _comments(request, form, f"comments on {title}", comments.of_story, story)


@require_safe
@cached_page(seconds=60, tags=[moderation_tags.LOG, moderation_tags.STORY_TITLES])
def log(request: HttpRequest, form: str) -> HttpResponse:
    """What moderators did, and why."""
    page = moderation.log(cursor=cursors.parse(request.GET, moderation.NEWEST))
    return _feed(request, form, "moderation log", page.of(queries.log_entries(page.rows)))


@require_safe
@cached_page(seconds=60, tags=[search_tags.INDEX, tags.FRONT_PAGE, comment_tags.NEWEST_COMMENTS, tags.STORY_TITLES])
def search(request: HttpRequest, form: str) -> HttpResponse:
    """The newest stories and comments that fit a search."""
    query = parse(clean_line(request.GET.get("q", "")))
    if query.is_for_names:
        raise Invalid("Only stories and comments can be followed, not people and tags.")
    found = searches.search(query, order="newest", cursor=cursors.parse(request.GET, searches.ORDERS["newest"]))
    rows = found.page.of([hit.row for hit in found.page.rows])
    entries = queries.mixed_entries(rows.rows, is_short=_is_short(request))
    home = f"{reverse('search:search')}?{urlencode({'q': query})}"
    return _feed(request, form, f"search for {query}", rows.of(entries), home)


@require_safe
@cache_control(private=True, no_cache=True)
@conditional_page
def inbox(request: HttpRequest, form: str, key: str) -> HttpResponse:
    """What the owner of the key was told. The key is all that it asks for."""
    owner = keys.owner(key)
    page = notifications.inbox(owner, cursor=cursors.parse(request.GET, notifications.NEWEST))
    entries = page.of(queries.line_entries(page.rows))
    return _feed(request, form, f"inbox of {owner.username}", entries, reverse("notifications:inbox"))


def _stories(request: HttpRequest, form: str, order: Words, of: str, scope: Words) -> HttpResponse:
    words: Words = {"window": "week", **order, **scope}
    listing = stories.Listing(**words)
    page = stories.listing(listing, cursor=cursors.parse(request.GET, listing.keys), now=timezone.now())
    entries = queries.story_entries(page.rows, is_short=_is_short(request))
    return _feed(request, form, f"{listing.order.replace('-', ' ')} {of}", page.of(entries))


def _comments(
    request: HttpRequest, form: str, title: str, find: Callable[..., Page[CommentRow]], *of: object
) -> HttpResponse:
    page = find(*of, cursor=cursors.parse(request.GET, comments.NEWEST))
    return _feed(request, form, title, page.of(queries.comment_entries(page.rows, is_short=_is_short(request))))


def _feed(request: HttpRequest, form: str, title: str, page: Page[Entry], home: str = "") -> HttpResponse:
    """`home` is the page for people, unless its path is the end of the feed's."""
    query = urlencode({name: request.GET[name] for name in ("q", "text") if name in request.GET})
    feed = Feed(
        title=f"{settings.SITE_NAME}: {title}",
        page=home or request.path.removeprefix(f"/feeds/{form}"),
        path=f"{request.path}?{query}" if query else request.path,
        entries=page.rows,
        next=f"{request.path}{page.next}{query and f'&{query}'}" if page.next else "",
    )
    return HttpResponse(formats.render(feed, form), content_type=formats.FORMATS[form].content_type)


def _is_short(request: HttpRequest) -> bool:
    """Whether the reader wants titles only."""
    return request.GET.get("text") == "short"
