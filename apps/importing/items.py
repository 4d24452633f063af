"""One item of a file: what is taken in, and why not. Not here: files (reading.py), rows (actions.py)."""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

from apps.comments import models as comments
from apps.core.errors import Invalid
from apps.core.text import clean_line
from apps.importing.models import SOURCE_ID_LENGTH, SOURCE_LENGTH, SOURCE_NAME_LENGTH
from apps.stories.links import Link, parse_url
from apps.stories.models import TEXT_LENGTH, TITLE_LENGTH

Kind = Literal["story", "comment"]
Format = Literal["html", "markdown", "plain"]
Key = tuple[str, str]

KINDS: dict[str, Kind] = {"story": "story", "job": "story", "poll": "story", "comment": "comment"}
FORMATS: dict[str, Format] = {"html": "html", "markdown": "markdown", "plain": "plain"}
TYPED_LENGTH: dict[Kind, int] = {"story": TEXT_LENGTH, "comment": comments.TEXT_LENGTH}
# HTML is longer than what was typed to make it.
HTML_LENGTH = 200_000
MOST_TAGS = 20
TAG_LENGTH = SLUG_LENGTH = 40
# Names come again and again: as many results are kept.
REMEMBERED = 10_000
MOST_POINTS = 10**9
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
CLOCK_SKEW = timedelta(days=1)
GONE_TITLE = "[deleted]"

NOT_IN_A_WORD = re.compile(r"[^a-z0-9_.+-]+")
# Control characters inside strings are let through here, and taken out of what is kept.
DECODER = json.JSONDecoder(strict=False)


class BadItem(Invalid):
    """An item that cannot be taken in; the message is the reason."""


@dataclass(frozen=True)
class Terms:
    """What a run says about all its items: the names used when an item has none, and the time it is now.

    `shift` is added to every time.
    """

    now: datetime
    source: str = "hackernews"
    community: str = "general"
    shift: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Item:
    """A story or comment as it stood at its source; `author`, `parent` and texts are "" when there are none.

    `title` and `text` are as typed, the text not yet safe: actions.py renders what it stores.
    """

    source: str
    id: str
    kind: Kind
    author: str
    created_at: datetime
    parent: str
    title: str
    link: Link | None
    bad_url: str
    text: str
    format: Format
    tags: tuple[str, ...]
    community: str
    ups: int
    flags: int
    is_deleted: bool
    is_dead: bool

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
    data = _object(raw)
    kind = _kind(data)
    is_deleted = data.get("deleted") is True
    text, text_format = ("", FORMATS["html"]) if is_deleted else _text(data, kind)
    link, bad_url = _link(data) if kind == "story" and not is_deleted else (None, "")
    ups, flags = _points(data)
    return Item(
        source=_name(data, "src", SOURCE_LENGTH) or terms.source,
        id=_id(data, "id"),
        kind=kind,
        author=_author(data, is_deleted),
        created_at=_time(data, terms),
        parent=_parent(data) if kind == "comment" else "",
        title=_title(data, is_deleted) if kind == "story" else "",
        link=link,
        bad_url=bad_url,
        text=text,
        format=text_format,
        tags=_tags(data) if kind == "story" else (),
        community=word(_name(data, "community", SLUG_LENGTH)).replace(".", "-").replace("+", "-") or terms.community,
        ups=ups,
        flags=flags,
        is_deleted=is_deleted,
        is_dead=data.get("dead") is True,
    )


@lru_cache(maxsize=REMEMBERED)
def word(text: str) -> str:
    """`text` as a name of a tag: small letters, digits and a few marks, at most 40; "" when nothing is left."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return NOT_IN_A_WORD.sub("-", plain.strip()).lstrip("_.+-")[:40].rstrip("-")


def _object(raw: bytes) -> dict[str, Any]:
    try:
        data = DECODER.decode(raw.decode())
    except UnicodeDecodeError as error:
        raise BadItem(f"not UTF-8 at byte {error.start}") from error
    except RecursionError as error:
        raise BadItem("not an item: nested too deeply") from error
    except ValueError as error:
        raise BadItem(f"not JSON: {error}") from error
    if not isinstance(data, dict):
        raise BadItem("not an item: not a JSON object")
    return data


def _kind(data: Mapping[str, Any]) -> Kind:
    name = _string(data, "type")
    if kind := KINDS.get(name):
        return kind
    raise BadItem(f"type {name[:40]!r} is not taken in, only story, comment, job and poll are")


def _id(data: Mapping[str, Any], field: str) -> str:
    value = data.get(field)
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise BadItem(f"{field} is not a number or a short text")
    text = str(value)
    if not 0 < len(text) <= SOURCE_ID_LENGTH or not text.isprintable() or text.strip() != text:
        raise BadItem(f"{field} is empty, longer than {SOURCE_ID_LENGTH} characters, or has odd characters")
    return text


def _parent(data: Mapping[str, Any]) -> str:
    parent = _id(data, "parent")
    if parent == _id(data, "id"):
        raise BadItem("it is its own parent")
    return parent


def _time(data: Mapping[str, Any], terms: Terms) -> datetime:
    seconds = _integer(data, "time")
    if seconds is None:
        raise BadItem("time is missing")
    try:
        moment = datetime.fromtimestamp(seconds, UTC) + terms.shift
    except (OverflowError, ValueError, OSError) as error:
        raise BadItem(f"time {seconds} is absurd") from error
    if not EARLIEST <= moment <= terms.now + CLOCK_SKEW:
        raise BadItem(f"time {seconds} is absurd")
    return moment


def _author(data: Mapping[str, Any], is_deleted: bool) -> str:
    name = _name(data, "by", SOURCE_NAME_LENGTH)
    if not name and not is_deleted:
        raise BadItem("by is missing")
    return name


def _title(data: Mapping[str, Any], is_deleted: bool) -> str:
    title = clean_line(_string(data, "title"))
    if not title and is_deleted:
        return GONE_TITLE
    if not title:
        raise BadItem("title is missing")
    if len(title) > HTML_LENGTH:
        raise BadItem("title is absurdly long")
    return title if len(title) <= TITLE_LENGTH else title[: TITLE_LENGTH - 1].rstrip() + "…"


def _link(data: Mapping[str, Any]) -> tuple[Link | None, str]:
    url = _string(data, "url")
    try:
        return (parse_url(url) if url else None), ""
    except Invalid:
        return None, clean_line(url[:HTML_LENGTH])


def _text(data: Mapping[str, Any], kind: Kind) -> tuple[str, Format]:
    name = _string(data, "src_fmt") or "html"
    if name not in FORMATS:
        raise BadItem(f"src_fmt {name[:40]!r} is not html, markdown or plain")
    typed = _string(data, "src_text") if name == "markdown" else ""
    text = typed or _string(data, "text")
    longest = TYPED_LENGTH[kind] if name == "markdown" else HTML_LENGTH
    if len(text) > longest:
        raise BadItem(f"text is longer than {longest:,} characters")
    return text, FORMATS[name]


def _points(data: Mapping[str, Any]) -> tuple[int, int]:
    """Ups and flags: a score of -3 is three flags; `flags` are as many more of both."""
    score = _integer(data, "score")
    flags = _integer(data, "flags") or 0
    score = 1 if score is None else score
    if abs(score) > MOST_POINTS or not 0 <= flags <= MOST_POINTS:
        raise BadItem("score or flags are absurd")
    return max(score, 0) + flags, max(-score, 0) + flags


def _tags(data: Mapping[str, Any]) -> tuple[str, ...]:
    tags = data.get("tags") or []
    if not isinstance(tags, list) or len(tags) > MOST_TAGS or not all(isinstance(tag, str) for tag in tags):
        raise BadItem(f"tags are not a list of at most {MOST_TAGS} words")
    return tuple(dict.fromkeys(name for tag in tags if (name := word(tag[:TAG_LENGTH]))))


def _integer(data: Mapping[str, Any], field: str) -> int | None:
    value = data.get(field)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise BadItem(f"{field} is not a whole number")
    return value


def _string(data: Mapping[str, Any], field: str) -> str:
    value = data.get(field)
    if value is not None and not isinstance(value, str):
        raise BadItem(f"{field} is not a text")
    return value or ""


def _name(data: Mapping[str, Any], field: str, longest: int) -> str:
    name = _string(data, field)
    if len(name) > longest:
        raise BadItem(f"{field} is longer than {longest} characters")
    return _clean_name(name)


@lru_cache(maxsize=REMEMBERED)
def _clean_name(name: str) -> str:
    return clean_line(name)
