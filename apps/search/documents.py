"""What rows say to the index: documents of those that everybody may see. Not here: writing them (actions.py)."""

from typing import Any

from django.db.models import BigIntegerField, DateTimeField, F, Model, Q, QuerySet, Value

from apps.accounts.models import User
from apps.comments.models import Comment
from apps.communities.models import Tag
from apps.core.cursors import EPOCH
from apps.search.models import Document
from apps.search.texts import parted, plain
from apps.stories.models import Story

# The rows of each kind, and their story, author, time, title and text. A column may be an expression.
_NONE = Value(None, BigIntegerField())
_COLUMNS: dict[str, tuple[QuerySet[Any], tuple[Any, ...]]] = {
    "story": (Story.objects.listed(), (F("pk"), "author_id", "created_at", "title", "body__html")),
    "comment": (
        Comment.objects.live().filter(story__removed_at=None, story__held_at=None),
        ("story_id", "author_id", "created_at", Value(""), "body__html"),
    ),
    "person": (
        User.objects.filter(is_active=True),
        (_NONE, _NONE, "date_joined", "username", "about_html"),
    ),
    "tag": (Tag.objects.all(), (_NONE, _NONE, Value(EPOCH, DateTimeField()), "name", "summary")),
}
KINDS = tuple(_COLUMNS)


def model_of(kind: str) -> type[Model]:
    """Whose rows documents of this kind are about."""
    return _COLUMNS[kind][0].model


def of_rows(kind: str, which: Q) -> list[Document]:
    """Documents of the rows that everybody may see, as they are now. 1 query."""
    rows, columns = _COLUMNS[kind]
    return [_document(kind, *row) for row in rows.filter(which).values_list("pk", *columns)]


def _document(kind: str, pk: int, story: int, author: int, created_at: Any, title: str, html: str | None) -> Document:
    return Document(
        kind=kind,
        target_id=pk,
        story_id=story,
        author_id=author,
        created_at=created_at,
        title=parted(title),
        body=parted(plain(html or "")),
    )
