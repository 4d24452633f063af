"""Rows of a batch in memory: stories and comments as the items say, texts made safe. No queries."""

import html
import re
from functools import cache
from typing import TypeVar

from django.db import models
from django.db.models.base import ModelState

from apps.comments.models import Comment
from apps.core.ranking import controversy, wilson
from apps.core.text import clean, clean_html, plain_paragraphs, render_markdown
from apps.importing.items import Item
from apps.stories.models import Story

Row = TypeVar("Row", bound=models.Model)

BLOCK = re.compile(r"<(p|pre|ul|ol|dl|blockquote|table|div|section|hr|h[1-6])\b", re.IGNORECASE)


def story(item: Item, *, pk: int, author_id: int | None, community_id: int) -> Story:
    """The row of a story, without its rank."""
    row = _row(
        Story,
        id=pk,
        community_id=community_id,
        author_id=author_id,
        title=item.title,
        active_at=item.created_at,
        **_common(item),
    )
    row.set_slug()
    if item.link:
        row.url, row.normalized_url, row.domain = item.link.url, item.link.normalized_url, item.link.domain
    return row


def comment(item: Item, *, pk: int, author_id: int | None) -> Comment:
    """The row of a comment, without its place."""
    return _row(
        Comment,
        id=pk,
        author_id=author_id,
        confidence=wilson(item.ups, item.flags),
        controversy=controversy(item.ups, item.flags),
        **_common(item),
    )


def text(item: Item) -> tuple[str, str]:
    """Markdown (when that is what was typed) and safe HTML.

    An address that no browser would open is shown as plain text where there is no other.
    """
    source = clean(item.text) if item.text else ""
    if not source:
        return "", f"<p>{html.escape(item.bad_url)}</p>" if item.bad_url else ""
    if item.format == "markdown":
        return source, render_markdown(source)
    safe = plain_paragraphs(source) if item.format == "plain" else clean_html(_in_our_words(source))
    # Entities can bring back what `clean` took out; taking it out again can join markup, so that is made safe again.
    cleaned = clean(safe)
    return "", safe if cleaned == safe else clean_html(cleaned)


def _in_our_words(source: str) -> str:
    """HTML as our pages have it: emphasis by meaning, and the first paragraph marked too.

    Hacker News puts `<p>` only between paragraphs, and `<i>` around what is stressed.
    """
    for tag, ours in (("i>", "em>"), ("b>", "strong>")):
        source = source.replace(f"<{tag}", f"<{ours}").replace(f"</{tag}", f"</{ours}")
    return source if BLOCK.match(source) else f"<p>{source}"


def _row(model: type[Row], **values: object) -> Row:
    """A row with `values`, else with defaults. A model's constructor asks all fields for theirs, for each row anew."""
    row = model.__new__(model)
    row.__dict__ |= _defaults(model) | values | {"_state": ModelState()}
    return row


@cache
def _defaults(model: type[models.Model]) -> dict[str, object]:
    return vars(model())


def _common(item: Item) -> dict[str, object]:
    return {
        "created_at": item.created_at,
        "deleted_at": item.created_at if item.is_deleted else None,
        "removed_at": item.created_at if item.is_dead else None,
        "base_ups": item.ups,
        "base_flags": item.flags,
        "ups": item.ups,
        "flags": item.flags,
        "score": item.ups - item.flags,
    }
