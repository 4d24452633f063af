"""What one member keeps for later, and what they do not want to read."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet, Value

from apps.accounts.models import User
from apps.core.cursors import Cursor, Order, Page, paginate
from apps.core.prepared import prepared
from apps.stories.models import DomainMute, HiddenStory, SavedStory, Story
from apps.stories.queries.lists import PAGE_SIZE
from apps.stories.queries.rows import StoryRow, story_rows

KEPT_ORDER = Order("created_at", "time")


def saved_stories(user: User, *, cursor: Cursor | None) -> Page[StoryRow]:
    """What `user` keeps for later, last saved first. 3 queries."""
    return _kept(SavedStory.objects.filter(user=user), cursor)


def hidden_stories(user: User, *, cursor: Cursor | None) -> Page[StoryRow]:
    """What `user` has hidden, last hidden first. 3 queries."""
    return _kept(HiddenStory.objects.filter(user=user), cursor)


def muted_domains(user: User) -> list[str]:
    """The web sites `user` does not want to read, by name. 1 query."""
    return list(DomainMute.objects.filter(user=user).order_by("domain").values_list("domain", flat=True))


def marks(user: User, story_ids: list[int]) -> tuple[set[int], set[int]]:
    """Which of these stories `user` has saved, and which hidden. 1 query."""
    found = _marks(user.pk, story_ids)
    return {pk for pk, mark in found if mark == "saved"}, {pk for pk, mark in found if mark == "hidden"}


def unwanted(user: User, story_ids: list[int]) -> set[int]:
    """Which of these stories `user` has hidden, or are by, about or from what `user` has muted. 1 query."""
    return {pk for (pk,) in _unwanted(user.pk, story_ids)}


def _kept(kept: QuerySet[SavedStory] | QuerySet[HiddenStory], cursor: Cursor | None) -> Page[StoryRow]:
    rows = kept.filter(story__removed_at=None, story__deleted_at=None).values("id", "created_at", "story_id")
    page = paginate(rows, order=KEPT_ORDER, cursor=cursor, size=PAGE_SIZE)
    by_id = {row.id: row for row in story_rows([row["story_id"] for row in page.rows])}
    return page.of([by_id[row["story_id"]] for row in page.rows])


@prepared
def _marks(user_id: int, story_ids: Sequence[int]) -> QuerySet[Any, Any]:
    saved = SavedStory.objects.filter(user=user_id, story__in=story_ids).values_list("story_id", Value("saved"))
    hidden = HiddenStory.objects.filter(user=user_id, story__in=story_ids).values_list("story_id", Value("hidden"))
    return saved.union(hidden, all=True)


@prepared
def _unwanted(user_id: int, story_ids: Sequence[int]) -> QuerySet[Any, Any]:
    stories = Story.objects.filter(pk__in=story_ids)
    return stories.exclude(pk__in=stories.wanted_by(user_id)).values_list("pk")
