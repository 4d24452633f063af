"""A story as lists show it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.accounts.models import name_of, shown_name
from apps.stories.models import Story, StoryTag

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
        author=name_of(story.author),
        created_at=story.created_at,
        score=story.score,
        num_comments=story.num_comments,
        edited_at=story.edited_at,
        locked_at=story.locked_at,
        is_own_work=story.is_own_work,
        tags=tags,
    )


def story_rows(ids: list[int]) -> list[StoryRow]:
    """These stories as rows, in no order. 2 queries."""
    return as_rows(list(Story.objects.filter(pk__in=ids).values(*ROW_COLUMNS)))


def listed_rows(ids: Sequence[int]) -> list[StoryRow]:
    """Those of these stories that lists show, as rows, in no order. 2 queries."""
    return as_rows(list(Story.objects.listed().filter(pk__in=ids).values(*ROW_COLUMNS)))


def as_rows(found: list[dict[str, Any]]) -> list[StoryRow]:
    """Found ROW_COLUMNS as rows, with their tags. 1 query."""
    tags: dict[int, list[str]] = defaultdict(list)
    pairs = StoryTag.objects.filter(story__in=[row["id"] for row in found]).order_by("tag__name")
    for story_id, name in pairs.values_list("story_id", "tag__name"):
        tags[story_id].append(name)
    return [_row(row, tuple(tags[row["id"]])) for row in found]


def _row(row: dict[str, Any], tags: tuple[str, ...]) -> StoryRow:
    columns = {name.removesuffix("__slug").removesuffix("__username"): row[name] for name in ROW_COLUMNS}
    return StoryRow(**columns | {"author": shown_name(row["author__username"]), "tags": tags})
