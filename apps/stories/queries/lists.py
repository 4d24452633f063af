"""Lists of stories, in every order, the same for everybody."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, QuerySet

from apps.accounts.models import User
from apps.communities.models import Community, Tag
from apps.core.cursors import Cursor, Order, Page, paginate
from apps.stories.models import Story, StoryQuerySet, StoryTag
from apps.stories.queries.rows import ROW_COLUMNS, StoryRow, as_rows

PAGE_SIZE = 25
RISING_WINDOW = timedelta(hours=12)
ORDERS = {
    "hottest": Order("hotness", "float"),
    "newest": Order("created_at", "time"),
    "active": Order("active_at", "time"),
    "top": Order("score", "int"),
    "rising": Order("ups", "int"),
    "controversial": Order("controversy", "float"),
    "most-commented": Order("num_comments", "int"),
}
WINDOWS = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
    "all": None,
}
# So few stories are picked by their time and sorted; longer windows walk down the index of scores.
SHORT_WINDOWS = ("hour", "day", "week")
TOP_OF_SHORT_WINDOW = Order("points", "int")
# Up to so many stories of rare tags are looked up and sorted; lists of common tags walk down an index.
RARE = 2000


@dataclass(frozen=True, slots=True)
class Listing:
    """Which stories, in which order. At most one of the scopes is set; none means the whole site."""

    order: str = "hottest"
    window: str = "all"
    community: Community | None = None
    tags: tuple[Tag, ...] = ()
    domain: str = ""
    person: User | None = None

    @property
    def keys(self) -> Order:
        """The sort columns."""
        is_short = self.order == "top" and self.window in SHORT_WINDOWS
        return TOP_OF_SHORT_WINDOW if is_short else ORDERS[self.order]

    @property
    def is_general(self) -> bool:
        """Whether it is of the site or a community: its page hides what the reader does not want.

        Who opens a tag, a domain or a person asks for just that.
        """
        return not (self.tags or self.domain or self.person)


def listing(listing: Listing, *, cursor: Cursor | None, now: datetime) -> Page[StoryRow]:
    """A page of 25 stories, the same for everybody. 2 queries, one more for tags."""
    return _page(_ordered_as(listing, _scoped(listing), now), listing.keys, cursor)


def listed_ids(listing: Listing, *, now: datetime) -> "QuerySet[Story, int]":
    """The ids of a list's stories, in order, for the caller to cut. 1 query, one more for tags."""
    rows = _ordered_as(listing, _scoped(listing), now).order_by(*listing.keys.columns())
    return rows.values_list("pk", flat=True)


def _scoped(listing: Listing) -> StoryQuerySet:
    rows = Story.objects.listed()
    if listing.community:
        return rows.filter(community=listing.community)
    if listing.tags:
        return _tagged(rows, listing.tags)
    if listing.domain:
        return rows.filter(domain=listing.domain)
    if listing.person:
        return rows.filter(author=listing.person)
    return rows


def _tagged(rows: StoryQuerySet, tags: tuple[Tag, ...]) -> StoryQuerySet:
    """With any of these tags. 1 query: no planner can know whether a tag is rare enough to sort its stories."""
    ids = list(StoryTag.objects.filter(tag__in=tags).values_list("story_id", flat=True)[: RARE + 1])
    return rows.tagged(tags) if len(ids) > RARE else rows.filter(pk__in=ids)


def _ordered_as(listing: Listing, rows: StoryQuerySet, now: datetime) -> StoryQuerySet:
    """What an order leaves out: hottest the disliked, rising all but the young with a second point, and so on."""
    match listing.order:
        case "hottest":
            # The score, said so that no planner takes the index of scores for it.
            return rows.filter(ups__gte=F("flags"))
        case "rising":
            return rows.filter(created_at__gte=now - RISING_WINDOW, ups__gt=1)
        case "controversial":
            return rows.filter(controversy__gt=0)
        case "top":
            return _top(rows, listing.window, now)
    return rows


def _top(rows: StoryQuerySet, window: str, now: datetime) -> StoryQuerySet:
    span = WINDOWS[window]
    if span is None:
        return rows
    if window in SHORT_WINDOWS:
        # An expression has no index, so that the one of times is taken.
        return rows.filter(created_at__gte=now - span).annotate(points=F("score") + 0)
    # Not "at least": SQLite would take the index of times, and sort half the site.
    return rows.exclude(created_at__lt=now - span)


def _page(rows: StoryQuerySet, order: Order, cursor: Cursor | None) -> Page[StoryRow]:
    page = paginate(rows.values(*ROW_COLUMNS, order.field), order=order, cursor=cursor, size=PAGE_SIZE)
    return page.of(as_rows(page.rows))
