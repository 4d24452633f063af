"""Questions about stories: lists, one story, why it stands where it stands."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet, Value

from apps.accounts.models import User, shown_name
from apps.communities.models import Community, Tag
from apps.core.cursors import Cursor, Order, Page, paginate
from apps.core.prepared import prepared
from apps.stories.models import DomainMute, HiddenStory, SavedStory, Story, StoryQuerySet, StoryTag, StoryText
from apps.stories.ranking import Rank, rank_of

PAGE_SIZE = 25
DUPLICATE_WINDOW = timedelta(days=30)
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
KEPT_ORDER = Order("created_at", "time")
# Up to so many stories of rare tags are looked up and sorted; lists of common tags walk down an index.
RARE = 2000

ROW_COLUMNS = (
    *("id", "title", "slug", "url", "domain", "community__slug", "author_id", "author__username", "created_at"),
    *("score", "num_comments", "edited_at", "locked_at", "is_own_work"),
)


@dataclass(frozen=True, slots=True)
class StoryRow:
    """A story as a list shows it; `author` is "" when the person has been erased."""

    id: int
    title: str
    slug: str
    url: str
    domain: str
    community: str
    author_id: int | None
    author: str
    created_at: datetime
    score: int
    num_comments: int
    edited_at: datetime | None
    locked_at: datetime | None
    is_own_work: bool
    tags: tuple[str, ...]


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


def saved_stories(user: User, *, cursor: Cursor | None) -> Page[StoryRow]:
    """What `user` keeps for later, last saved first. 3 queries."""
    return _kept(SavedStory.objects.filter(user=user), cursor)


def story_rows(ids: list[int]) -> list[StoryRow]:
    """These stories as rows, in no order. 2 queries."""
    return _rows(list(Story.objects.filter(pk__in=ids).values(*ROW_COLUMNS)))


def listed_rows(ids: Sequence[int]) -> list[StoryRow]:
    """Those of these stories that lists show, as rows, in no order. 2 queries."""
    return _rows(list(Story.objects.listed().filter(pk__in=ids).values(*ROW_COLUMNS)))


def story_row(story: Story, tags: tuple[str, ...]) -> StoryRow:
    """A loaded story as a row (its community and author loaded too). No query."""
    return StoryRow(
        id=story.pk,
        title=story.title,
        slug=story.slug,
        url=story.url,
        domain=story.domain,
        community=story.community.slug,
        author_id=story.author_id,
        author=story.author.shown_name if story.author else "",
        created_at=story.created_at,
        score=story.score,
        num_comments=story.num_comments,
        edited_at=story.edited_at,
        locked_at=story.locked_at,
        is_own_work=story.is_own_work,
        tags=tags,
    )


def text_of(story: Story) -> StoryText:
    """What was typed and its HTML; empty when the story is only a link. 1 query."""
    return StoryText.objects.filter(story=story).first() or StoryText(story=story)


def tag_names(story: Story) -> tuple[str, ...]:
    """The story's tags by name. 1 query."""
    return tuple(StoryTag.objects.filter(story=story).order_by("tag__name").values_list("tag__name", flat=True))


def tag_modifiers(story: Story) -> dict[str, float]:
    """The rank modifiers of the story's tags by name, in units of 22 hours. 1 query."""
    return dict(StoryTag.objects.filter(story=story).order_by("tag__name").values_list("tag__name", "tag__hotness_mod"))


def rank_parts(story: Story) -> tuple[Rank, dict[str, float]]:
    """Why the story stands where it stands: its rank and its tags' modifiers. 1 query."""
    modifiers = tag_modifiers(story)
    return rank_of(story, list(modifiers.values())), modifiers


def recent_duplicate(normalized_url: str, now: datetime) -> Story | None:
    """The newest listed story about the same page in the last 30 days. 1 query."""
    if not normalized_url:
        return None
    same = Story.objects.listed().filter(normalized_url=normalized_url, created_at__gte=now - DUPLICATE_WINDOW)
    return same.order_by("-created_at", "-id").first()


def marks(user: User, story_ids: list[int]) -> tuple[set[int], set[int]]:
    """Which of these stories `user` has saved, and which hidden. 1 query."""
    found = _marks(user.pk, story_ids)
    return {pk for pk, mark in found if mark == "saved"}, {pk for pk, mark in found if mark == "hidden"}


def unwanted(user: User, story_ids: list[int]) -> set[int]:
    """Which of these stories `user` has hidden, or are by, about or from what `user` has muted. 1 query."""
    return {pk for (pk,) in _unwanted(user.pk, story_ids)}


def muted_domains(user: User) -> list[str]:
    """The web sites `user` does not want to read, by name. 1 query."""
    return list(DomainMute.objects.filter(user=user).order_by("domain").values_list("domain", flat=True))


def hidden_stories(user: User, *, cursor: Cursor | None) -> Page[StoryRow]:
    """What `user` has hidden, last hidden first. 3 queries."""
    return _kept(HiddenStory.objects.filter(user=user), cursor)


@prepared
def _marks(user_id: int, story_ids: Sequence[int]) -> QuerySet[Any, Any]:
    saved = SavedStory.objects.filter(user=user_id, story__in=story_ids).values_list("story_id", Value("saved"))
    hidden = HiddenStory.objects.filter(user=user_id, story__in=story_ids).values_list("story_id", Value("hidden"))
    return saved.union(hidden, all=True)


@prepared
def _unwanted(user_id: int, story_ids: Sequence[int]) -> QuerySet[Any, Any]:
    stories = Story.objects.filter(pk__in=story_ids)
    return stories.exclude(pk__in=stories.wanted_by(user_id)).values_list("pk")


def _kept(kept: QuerySet[SavedStory] | QuerySet[HiddenStory], cursor: Cursor | None) -> Page[StoryRow]:
    rows = kept.filter(story__removed_at=None, story__deleted_at=None).values("id", "created_at", "story_id")
    page = paginate(rows, order=KEPT_ORDER, cursor=cursor, size=PAGE_SIZE)
    by_id = {row.id: row for row in story_rows([row["story_id"] for row in page.rows])}
    return page.of([by_id[row["story_id"]] for row in page.rows])


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
    return page.of(_rows(page.rows))


def _rows(found: list[dict[str, Any]]) -> list[StoryRow]:
    tags: dict[int, list[str]] = defaultdict(list)
    pairs = StoryTag.objects.filter(story__in=[row["id"] for row in found]).order_by("tag__name")
    for story_id, name in pairs.values_list("story_id", "tag__name"):
        tags[story_id].append(name)
    return [_row(row, tuple(tags[row["id"]])) for row in found]


def _row(row: dict[str, Any], tags: tuple[str, ...]) -> StoryRow:
    columns = {name.removesuffix("__slug").removesuffix("__username"): row[name] for name in ROW_COLUMNS}
    return StoryRow(**columns | {"author": shown_name(row["author__username"]), "tags": tags})
