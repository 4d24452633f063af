"""Asking a story's page what it is, and bringing home what can be shown. Not here: keeping it (actions.py)."""

from dataclasses import dataclass

from apps.core.connections import Fault, FetchError
from apps.core.fetching import Fetcher
from apps.previews import thumbnails
from apps.previews.parsing import Page, parse
from apps.previews.thumbnails import BadImage

HTML = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class Found:
    """What the page said, or the `fault` for which it said nothing; the thumbnail's file and its size, if any."""

    page: Page | None = None
    fault: Fault | None = None
    thumbnail: str = ""
    width: int = 0
    height: int = 0


def gather(url: str, story_id: int, fetcher: Fetcher) -> Found:
    """Ask the page, then for the image that it names. Twice 5 seconds at most, and one or two for parsing each."""
    try:
        page = parse(fetcher.fetch(url, HTML))
    except FetchError as error:
        return Found(fault=error.fault)
    try:
        image = thumbnails.make(fetcher.fetch(page.image, thumbnails.TYPES).body)
    except (FetchError, BadImage):
        return Found(page)
    return Found(page, None, thumbnails.store(image, story_id), image.width, image.height)
