"""Questions about the log of moderation and about flags."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from apps.accounts.models import User
from apps.comments.models import Comment
from apps.communities.models import Community
from apps.core.cursors import Cursor, Order, Page, page_of, paginate
from apps.core.prepared import prepared
from apps.core.text import excerpt
from apps.moderation.models import Flag, LogEntry, story_of
from apps.stories.models import Story

PAGE_SIZE = 50
NEWEST = Order("created_at", "time")
MOST_FLAGGED = Order("num_flags", "int")
# What is flagged less waits until some of these are settled.
MOST_ITEMS = 1000
MOST_NOTES = 5
EXCERPT_LENGTH = 240


@dataclass(frozen=True, slots=True)
class FlaggedItem:
    """A story or comment with open flags, the first one from `since`: how many for each reason, and the first notes."""

    item: Story | Comment
    reasons: dict[Flag.Reason, int]
    notes: list[str]
    since: datetime

    @property
    def kind(self) -> str:
        """Whether it is a "story" or a "comment"."""
        return str(self.item._meta.model_name)

    @property
    def story(self) -> Story:
        """The story itself, or the one that is commented on."""
        return story_of(self.item)

    @property
    def excerpt(self) -> str:
        """The beginning of its text; a story that is only a link has none."""
        body = getattr(self.item, "body", None)
        return excerpt(body.html, EXCERPT_LENGTH) if body else ""

    @property
    def num_flags(self) -> int:
        """How many members flagged it."""
        return sum(self.reasons.values())


def log(*, cursor: Cursor | None) -> Page[LogEntry]:
    """The public log, newest first, each entry with its people and targets. 2 queries."""
    page = paginate(LogEntry.objects.values("id", "created_at"), order=NEWEST, cursor=cursor, size=PAGE_SIZE)
    entries = {entry.pk: entry for entry in _entries().filter(pk__in=[row["id"] for row in page.rows])}
    return page.of([entries[row["id"]] for row in page.rows])


def removal_of_story(story_id: int) -> LogEntry | None:
    """Why the story was removed. 1 query."""
    return _entries().filter(story=story_id, act=LogEntry.Act.REMOVE_STORY).order_by("-id").first()


def flagged_items(places: QuerySet[Community], *, cursor: Cursor | None) -> Page[FlaggedItem]:
    """What has open flags in these communities, the most flagged first, 50 a page, with text and author. 3 queries."""
    items = Flag.objects.open().within(places).values("story", "comment")
    counted = items.annotate(num_flags=Count("pk"), first=Min("pk")).values_list("num_flags", "first")
    most = counted.order_by("-num_flags", "-first")[:MOST_ITEMS]
    page = page_of(most, order=MOST_FLAGGED, cursor=cursor, size=PAGE_SIZE)
    related = [f"comment__{name}" for name in ("author", "body", "story__community")]
    related += [f"story__{name}" for name in ("author", "body", "community")]
    firsts = Flag.objects.select_related(*related).in_bulk(page.rows)
    return page.of(_with_reasons([firsts[pk] for pk in page.rows if pk in firsts]))


def num_flagged(*, limit: int) -> int:
    """How many stories and comments of the whole site have open flags, up to `limit`. 1 query."""
    return Flag.objects.open().values("story", "comment").distinct()[:limit].count()


def own_flag(user: User, item: Story | Comment) -> Flag | None:
    """What `user` said of this story or comment. 1 query."""
    return Flag.objects.on(item).filter(user=user).first()


def own_flags(user: User, *, cursor: Cursor | None) -> Page[dict[str, Any]]:
    """All that `user` flagged, last first: rows of `story` or `comment`, an id, with the fields of a flag. 1 query."""
    columns = ("id", "story", "comment", "reason", "note", "created_at", "settled_at")
    return paginate(Flag.objects.filter(user=user).values(*columns), order=NEWEST, cursor=cursor, size=PAGE_SIZE)


def flagged_stories(user: User, ids: Sequence[int]) -> set[int]:
    """Which of these stories `user` has flagged. 1 query."""
    return {pk for (pk,) in _flagged_stories(user.pk, ids)}


def flagged_comments(user: User, ids: Sequence[int]) -> set[int]:
    """Which of these comments `user` has flagged. 1 query."""
    return {pk for (pk,) in _flagged_comments(user.pk, ids)}


def _with_reasons(firsts: list[Flag]) -> list[FlaggedItem]:
    stories, comments = [flag.story_id for flag in firsts], [flag.comment_id for flag in firsts]
    flags = Flag.objects.open().filter(Q(story__in=stories) | Q(comment__in=comments)).order_by("pk")
    said: defaultdict[Any, list[tuple[Flag.Reason, str]]] = defaultdict(list)
    for story, comment, reason, note in flags.values_list("story", "comment", "reason", "note"):
        said[story, comment].append((Flag.Reason(reason), note))
    return [
        FlaggedItem(
            item=flag.item,
            reasons=dict(Counter(reason for reason, _ in said[key]).most_common()),
            notes=[note for _, note in said[key] if note][:MOST_NOTES],
            since=flag.created_at,
        )
        for flag in firsts
        if (key := (flag.story_id, flag.comment_id)) in said
    ]


@prepared
def _flagged_stories(user_id: int, ids: Sequence[int]) -> QuerySet[Any, Any]:
    return Flag.objects.filter(user=user_id, story__in=ids).values_list("story_id")


@prepared
def _flagged_comments(user_id: int, ids: Sequence[int]) -> QuerySet[Any, Any]:
    return Flag.objects.filter(user=user_id, comment__in=ids).values_list("comment_id")


def _entries() -> QuerySet[LogEntry]:
    return LogEntry.objects.select_related("moderator", "person", "story", "comment__story", "community")
