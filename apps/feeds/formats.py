"""Entries as RSS 2.0, Atom and JSON Feed. Not here: what is in a feed (entries.py)."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from django.conf import settings
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed

from apps.core.text import clean

LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a feed. `key` names it for ever; `page` is its path here, `url` the page elsewhere it is about.

    `author` is "" when the person has been erased; `html` is "" in a short feed.
    """

    key: str
    title: str
    page: str
    html: str
    author: str
    published: datetime
    updated: datetime
    url: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """Entries with what is said about all of them. `page` is the path of the same list for people, `path` the feed's
    own; `next` is that of the following part, or "".
    """

    title: str
    page: str
    path: str
    entries: list[Entry]
    next: str = ""


class JsonFeed(SyndicationFeed):
    """JSON Feed 1.1, from the same calls as Django's own formats. Source: jsonfeed.org."""

    content_type = "application/feed+json; charset=utf-8"

    def write(self, outfile: IO[str], encoding: str) -> None:
        """Write the feed; `outfile` takes text."""
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.feed["title"],
            "home_page_url": self.feed["link"],
            "feed_url": self.feed["feed_url"],
            "description": self.feed["description"],
            "language": self.feed["language"],
            "next_url": self.feed["next_url"],
            "items": [_json_item(item) for item in self.items],
        }
        json.dump({name: value for name, value in feed.items() if value != ""}, outfile, ensure_ascii=False)


FORMATS: dict[str, type[Rss201rev2Feed | Atom1Feed | JsonFeed]] = {
    "rss": Rss201rev2Feed,
    "atom": Atom1Feed,
    "json": JsonFeed,
}


def render(feed: Feed, form: str) -> str:
    """The feed in one of FORMATS."""
    written = FORMATS[form](
        title=feed.title,
        link=address(feed.page),
        description=f"{feed.title}, as it stands now.",
        language=LANGUAGE,
        # Atom wants an author for entries that have lost theirs.
        author_name=settings.SITE_NAME,
        feed_url=address(feed.path),
        next_url=address(feed.next) if feed.next else "",
    )
    for entry in feed.entries:
        page = address(entry.page)
        written.add_item(
            title=clean(entry.title),
            link=entry.url or page,
            description=_described(entry),
            author_name=entry.author or None,
            author_link=address(f"/u/{entry.author}/") if entry.author else None,
            pubdate=entry.published,
            updateddate=entry.updated,
            comments=page,
            unique_id=address(f"/{entry.key}"),
            unique_id_is_permalink=False,
            categories=entry.tags,
            html=entry.html,
            page=page,
            url=entry.url,
        )
    return str(written.writeString("utf-8"))


def address(path: str) -> str:
    """A path of this site, whole."""
    return f"{settings.SITE_URL}{path}"


def _described(entry: Entry) -> str:
    """The text; and the way to the comments where the entry itself leads elsewhere, or says nothing: few readers show
    what RSS calls so, and Atom has no word for it.
    """
    # One character that XML does not know would take the whole feed with it.
    text = clean(entry.html)
    return text if text and not entry.url else f'{text}<p><a href="{address(entry.page)}">Comments</a></p>'


def _json_item(item: dict[str, Any]) -> dict[str, Any]:
    authors = [{"name": item["author_name"], "url": item["author_link"]}] if item["author_name"] else []
    text = {"content_html": item["html"]} if item["html"] else {"content_text": item["title"]}
    found = {
        "id": item["unique_id"],
        "url": item["page"],
        "external_url": item["url"],
        "title": item["title"],
        **text,
        "date_published": item["pubdate"].isoformat(timespec="seconds"),
        "date_modified": item["updateddate"].isoformat(timespec="seconds"),
        "authors": authors,
        "tags": list(item["categories"]),
    }
    return {name: value for name, value in found.items() if value not in ("", [])}
