"""One item of a file: what is taken in, and why not. Not here: files (reading.py), rows (actions.py)."""

import html
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from apps.comments import models as comments
from apps.core.errors import Invalid
from apps.core.text import clean_line
from apps.importing import fields
from apps.importing.fields import BadItem, Fields
from apps.importing.models import SOURCE_LENGTH, SOURCE_NAME_LENGTH
from apps.importing.texts import Format, safe_html
from apps.stories.links import Link, parse_url
from apps.stories.models import TEXT_LENGTH, TITLE_LENGTH

Kind = Literal["story", "comment"]
Key = tuple[str, str]

KINDS: dict[str, Kind] = {"story": "story", "job": "story", "poll": "story", "comment": "comment"}
FORMATS: dict[str, Format] = {"html": "html", "markdown": "markdown", "plain": "plain"}
TYPED_LENGTH: dict[Kind, int] = {"story": TEXT_LENGTH, "comment": comments.TEXT_LENGTH}
# HTML is longer than what was typed to make it.
HTML_LENGTH = 200_000
MOST_TAGS = 20
MOST_POINTS = 10**9
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
CLOCK_SKEW = timedelta(days=1)
GONE_TITLE = "[deleted]"


@dataclass(frozen=True)
class Terms:
    """What a run says about all its items: the names used when an item has none, and the time it is now.

    `shift` is added to every time.
    """

    now: datetime
    source: str = "hackernews"
    community: str = "general"
    shift: timedelta = timedelta()


class Item(NamedTuple):
    """A story or comment as it stood at its source; `author`, `parent` and texts are "" when there are none.

    `markdown` is what was typed, when that is Markdown; `html` is safe.
    """

    source: str
    id: str
    kind: Kind
    author: str
    created_at: datetime
    parent: str
    title: str
    link: Link | None
    markdown: str
    html: str
    tags: tuple[str, ...]
    community: str
    ups: int
    flags: int
    is_deleted: bool
    is_dead: bool

    @property
    def is_live(self) -> bool:
        """Whether it counts: neither deleted by the author nor removed by a moderator."""
        return not (self.is_deleted or self.is_dead)

    @property
    def key(self) -> Key:
        """What identifies the item over all runs."""
        return self.source, self.id

    @property
    def author_key(self) -> Key:
        """What identifies the author over all runs."""
        return self.source, self.author

    @property
    def parent_key(self) -> Key:
        """The key of the story or comment above; only comments have one."""
        return self.source, self.parent


def parse_item(raw: bytes, terms: Terms) -> Item:
    """The item that a line of JSON holds. Raises BadItem."""
    data = fields.decode(raw)
    kind = _kind(data)
    source_id = fields.identifier(data, "id")
    is_story = kind == "story"
    is_deleted = data.get("deleted") is True
    link, bad_url = _link(data) if is_story and not is_deleted else (None, "")
    markdown, safe = ("", "") if is_deleted else _text(data, kind)
    ups, flags = _points(data)
    return Item(
        source=fields.name(data, "src", SOURCE_LENGTH) or terms.source,
        id=source_id,
        kind=kind,
        author=_author(data, is_deleted),
        created_at=_time(data, terms),
        parent="" if is_story else _parent(data, source_id),
        title=_title(data, is_deleted) if is_story else "",
        link=link,
        markdown=markdown,
        # An address that no browser would open is shown as plain text where there is no other.
        html=safe or (f"<p>{html.escape(bad_url)}</p>" if bad_url else ""),
        tags=_tags(data) if is_story else (),
        community=fields.slug(fields.name(data, "community", fields.WORD_LENGTH)) or terms.community,
        ups=ups,
        flags=flags,
        is_deleted=is_deleted,
        is_dead=data.get("dead") is True,
    )


def _kind(data: Fields) -> Kind:
    name = fields.string(data, "type")
    if kind := KINDS.get(name):
        return kind
    raise BadItem(f"type {name[:40]!r} is not taken in, only story, comment, job and poll are")


def _parent(data: Fields, source_id: str) -> str:
    parent = fields.identifier(data, "parent")
    if parent == source_id:
        raise BadItem("it is its own parent")
    return parent


def _time(data: Fields, terms: Terms) -> datetime:
    seconds = fields.integer(data, "time")
    if seconds is None:
        raise BadItem("time is missing")
    try:
        moment = datetime.fromtimestamp(seconds, UTC) + terms.shift
    except (OverflowError, ValueError, OSError) as error:
        raise BadItem(f"time {seconds} is absurd") from error
    if not EARLIEST <= moment <= terms.now + CLOCK_SKEW:
        raise BadItem(f"time {seconds} is absurd")
    return moment


def _author(data: Fields, is_deleted: bool) -> str:
    name = fields.name(data, "by", SOURCE_NAME_LENGTH)
    if not name and not is_deleted:
        raise BadItem("by is missing")
    return name


def _title(data: Fields, is_deleted: bool) -> str:
    title = clean_line(fields.string(data, "title"))
    if not title and is_deleted:
        return GONE_TITLE
    if not title:
        raise BadItem("title is missing")
    if len(title) > HTML_LENGTH:
        raise BadItem("title is absurdly long")
    return title if len(title) <= TITLE_LENGTH else title[: TITLE_LENGTH - 1].rstrip() + "…"


def _link(data: Fields) -> tuple[Link | None, str]:
    url = fields.string(data, "url")
    try:
        return (parse_url(url) if url else None), ""
    except Invalid:
        return None, clean_line(url[:HTML_LENGTH])


def _text(data: Fields, kind: Kind) -> tuple[str, str]:
    name = fields.string(data, "src_fmt") or "html"
    if name not in FORMATS:
        raise BadItem(f"src_fmt {name[:40]!r} is not html, markdown or plain")
    typed = fields.string(data, "src_text") if name == "markdown" else ""
    text = typed or fields.string(data, "text")
    longest = TYPED_LENGTH[kind] if name == "markdown" else HTML_LENGTH
    if len(text) > longest:
        raise BadItem(f"text is longer than {longest:,} characters")
    return safe_html(text, FORMATS[name])


def _points(data: Fields) -> tuple[int, int]:
    """Ups and flags: a score of -3 is three flags; `flags` are as many more of both."""
    score = fields.integer(data, "score")
    flags = fields.integer(data, "flags") or 0
    score = 1 if score is None else score
    if abs(score) > MOST_POINTS or not 0 <= flags <= MOST_POINTS:
        raise BadItem("score or flags are absurd")
    return max(score, 0) + flags, max(-score, 0) + flags


def _tags(data: Fields) -> tuple[str, ...]:
    tags = data.get("tags") or []
    if not isinstance(tags, list) or len(tags) > MOST_TAGS or not all(isinstance(tag, str) for tag in tags):
        raise BadItem(f"tags are not a list of at most {MOST_TAGS} words")
    return tuple(dict.fromkeys(name for tag in tags if (name := fields.word(tag[: fields.WORD_LENGTH]))))
