"""A comment as pages show it, and the orders in which they do."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.accounts.models import shown_name
from apps.comments import threads
from apps.core.cursors import Order

ORDERS = {
    "best": Order("confidence", "float"),
    "top": Order("score", "int"),
    "newest": Order("created_at", "time"),
    "oldest": Order("created_at", "time", ascending=True),
    "controversial": Order("controversy", "float"),
}
COLUMNS = (
    *("id", "parent_id", "depth", "author_id", "author__username", "created_at", "edited_at", "deleted_at"),
    *("removed_at", "score", "num_descendants", "body__html"),
)
STORY_COLUMNS = ("story_id", "story__title", "story__slug", "story__deleted_at")


@dataclass(frozen=True, slots=True)
class CommentRow:
    """A comment as a page shows it. `level` counts from the page's own roots, `cut` comments below are left out.

    `story_title` is "" when its author has deleted the story.
    """

    id: int
    parent_id: int | None
    depth: int
    author_id: int | None
    author: str
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    removed_at: datetime | None
    score: int
    num_descendants: int
    html: str
    level: int = 0
    cut: int = 0
    story_id: int = 0
    story_title: str = ""
    story_slug: str = ""

    @property
    def is_gone(self) -> bool:
        """Whether only a placeholder is shown."""
        return self.deleted_at is not None or self.removed_at is not None


def as_rows(found: Iterable[dict[str, Any]]) -> list[CommentRow]:
    """Found COLUMNS as rows."""
    return [as_row(row) for row in found]


def as_row(row: dict[str, Any], place: threads.Place | None = None) -> CommentRow:
    """Found COLUMNS, with STORY_COLUMNS where a list shows titles, as a row at its place."""
    return CommentRow(
        id=row["id"],
        parent_id=row["parent_id"],
        depth=row["depth"],
        author_id=row["author_id"],
        author=shown_name(row["author__username"]),
        created_at=row["created_at"],
        edited_at=row["edited_at"],
        deleted_at=row["deleted_at"],
        removed_at=row["removed_at"],
        score=row["score"],
        num_descendants=row["num_descendants"],
        html=row["body__html"] or "",
        level=place.level if place else 0,
        cut=place.cut if place else 0,
        story_id=row.get("story_id", 0),
        story_title="" if row.get("story__deleted_at") else row.get("story__title", ""),
        story_slug="" if row.get("story__deleted_at") else row.get("story__slug", ""),
    )
