"""Rows of a batch in memory: stories and comments as the items say. No queries."""

from functools import cache, lru_cache
from typing import Any

from django.db.models.base import ModelState

from apps.core import ranking
from apps.importing.items import Item
from apps.importing.threads import Position
from apps.stories.models import Story

COMMENT_COLUMNS = (
    *("id", "story_id", "parent_id", "root_id", "path", "depth", "author_id"),
    *("created_at", "deleted_at", "removed_at"),
    *("base_ups", "base_flags", "ups", "flags", "score", "confidence", "controversy"),
    *("num_replies", "num_descendants"),
)
# Most comments have few points: the formulas need not be worked out for each.
REMEMBERED = 10_000
_wilson = lru_cache(REMEMBERED)(ranking.wilson)
_controversy = lru_cache(REMEMBERED)(ranking.controversy)


def story(item: Item, *, pk: int, author_id: int | None, community_id: int) -> Story:
    """The row of a story, without its rank."""
    row = Story.__new__(Story)
    # A model's constructor asks all fields for their defaults, for each row anew.
    row.__dict__ |= _defaults() | {
        "_state": ModelState(),
        "id": pk,
        "community_id": community_id,
        "author_id": author_id,
        "title": item.title,
        "created_at": item.created_at,
        "active_at": item.created_at,
        "deleted_at": item.created_at if item.is_deleted else None,
        "removed_at": item.created_at if item.is_dead else None,
        "base_ups": item.ups,
        "base_flags": item.flags,
        "ups": item.ups,
        "flags": item.flags,
        "score": item.ups - item.flags,
    }
    row.set_slug()
    if item.link:
        row.url, row.normalized_url, row.domain = item.link.url, item.link.normalized_url, item.link.domain
    return row


def comment(
    item: Item, position: Position, *, author_id: int | None, num_replies: int, num_descendants: int
) -> tuple[Any, ...]:
    """The values of COMMENT_COLUMNS."""
    time, ups, flags = item.created_at, item.ups, item.flags
    return (
        *(position.pk, position.story_id, position.parent_id, position.root_id, position.path, position.depth),
        author_id,
        *(time, time if item.is_deleted else None, time if item.is_dead else None),
        *(ups, flags, ups, flags, ups - flags, _wilson(ups, flags), _controversy(ups, flags)),
        *(num_replies, num_descendants),
    )


@cache
def _defaults() -> dict[str, object]:
    return vars(Story())
