"""What a page says of itself, read from its HTML: plain text, and addresses. Not here: fetching it, or its image."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import webencodings
from ada_url import URL
from django.utils.text import Truncator
from lxml import etree

from apps.core.fetching import Document
from apps.core.text import clean_line
from apps.previews.models import DESCRIPTION_LENGTH, SITE_NAME_LENGTH, TITLE_LENGTH
from apps.stories.links import BadLink, parse_url

# Names of what pages say, best first. "title" and "canonical" are elements, the rest properties of `meta`.
TITLE = ("og:title", "twitter:title", "title")
DESCRIPTION = ("og:description", "twitter:description", "description")
SITE_NAME = ("og:site_name", "application-name")
CANONICAL = ("canonical", "og:url")
IMAGE = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
WANTED = {*TITLE, *DESCRIPTION, *SITE_NAME, *CANONICAL, *IMAGE}
LONGEST_VALUE = 5000

# The standard looks so far for the charset.
PRESCAN = 1024
META_CHARSET = re.compile(rb"<meta[^>]{1,500}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]{1,40})", re.IGNORECASE)
# Parsers take the square of a page's depth. Deeper than this, and nothing of it is read any more.
DEEPEST = 256
PIECE = 16_384


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says of itself; "" where it says nothing. `image` is an address that nobody has checked."""

    title: str
    description: str
    site_name: str
    canonical_url: str
    image: str


def parse(document: Document) -> Page:
    """Read the page. Whatever the bytes are, it says something or nothing, and takes a second or two at most."""
    found = _values(_text(document))
    return Page(
        title=_line(found, TITLE, TITLE_LENGTH),
        description=_line(found, DESCRIPTION, DESCRIPTION_LENGTH),
        site_name=_line(found, SITE_NAME, SITE_NAME_LENGTH),
        canonical_url=_canonical(_address(found, CANONICAL, document.url)),
        image=_address(found, IMAGE, document.url),
    )


def _text(document: Document) -> str:
    """Decoded as browsers do: by the mark at its beginning, else as the server says, else the page, else a guess."""
    text: str
    text, _ = webencodings.decode(document.body, _declared(document) or _guessed(document.body))
    return text


def _declared(document: Document) -> webencodings.Encoding | None:
    if named := _lookup(document.charset):
        return named
    match = META_CHARSET.search(document.body[:PRESCAN])
    named = _lookup(match[1].decode("ascii", "replace")) if match else None
    # A page whose letters could be read so far is not of two bytes each.
    return webencodings.UTF8 if named and named.name.startswith("utf-16") else named


def _lookup(name: str) -> webencodings.Encoding | None:
    found = webencodings.lookup(name)
    # The standard reads GBK by the rules of what has replaced it.
    return webencodings.lookup("gb18030") if found and found.name == "gbk" else found


def _guessed(body: bytes) -> webencodings.Encoding:
    try:
        body.decode()
    except UnicodeDecodeError:
        return webencodings.lookup("windows-1252")
    return webencodings.UTF8


def _values(text: str) -> Mapping[str, str]:
    """The first of each of the WANTED that is not empty."""
    reader = _Reader()
    parser = etree.HTMLParser(target=reader, encoding="utf-8")
    try:
        for start in range(0, len(text), PIECE):
            parser.feed(text[start : start + PIECE].encode("utf-8", "replace"))
            if reader.depth > DEEPEST:
                break
        parser.close()
    except etree.LxmlError:
        # An empty page, or none at all. What was read stays.
        pass
    return reader.found


class _Reader:
    """Hears of each element as it is parsed, so that no tree is built."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self.depth = 0
        self._title: list[str] | None = None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.depth += 1
        match tag:
            case "meta":
                name = attributes.get("property") or attributes.get("name") or ""
                self._note(name.strip().lower(), attributes.get("content"))
            case "link" if "canonical" in (attributes.get("rel") or "").lower().split():
                self._note("canonical", attributes.get("href"))
            case "title":
                self._title = []

    def data(self, text: str) -> None:
        if self._title is not None:
            self._title.append(text)

    def end(self, tag: str) -> None:
        self.depth -= 1
        if tag == "title" and self._title is not None:
            self._note("title", "".join(self._title))
            self._title = None

    def close(self) -> None:
        """Nothing to return: what was found is asked for."""

    def _note(self, name: str, value: str | None) -> None:
        if name in WANTED and name not in self.found and (line := clean_line((value or "")[:LONGEST_VALUE])):
            self.found[name] = line


def _line(found: Mapping[str, str], names: tuple[str, ...], length: int) -> str:
    return Truncator(_first(found, names)).chars(length)


def _address(found: Mapping[str, str], names: tuple[str, ...], base: str) -> str:
    value = _first(found, names)
    try:
        return URL(value, base=base).href if value else ""
    except ValueError:
        return ""


def _canonical(address: str) -> str:
    try:
        return parse_url(address).url
    except BadLink:
        return ""


def _first(found: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((found[name] for name in names if name in found), "")
