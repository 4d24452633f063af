"""Whether the site takes writes, and what it says when it does not."""

import time
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from apps.replicas import servers, state

PRIMARY_GONE = (
    "The site is read-only for the moment: its main database cannot be reached. What you read may be a little old."
)
MAINTENANCE = "The site is read-only for the moment, for maintenance."


def notice() -> str:
    """The sentence that says why nothing can be written now; empty while all is well. No query."""
    return PRIMARY_GONE if is_primary_gone() else _maintenance(settings.MAINTENANCE_FILE)


def notice_for_readers() -> str:
    """The same for a page's head, a second late at most: no look at the disk for each page."""
    if is_primary_gone():
        return PRIMARY_GONE
    return _maintenance_in_second(settings.MAINTENANCE_FILE, int(time.monotonic()))


def is_primary_gone() -> bool:
    """Whether the primary is known to be gone, or was gone for this request."""
    now = state.current()
    return not servers.fleet.primary.is_serving or (now is not None and now.is_relaxed)


def switch_on(message: str = MAINTENANCE) -> None:
    """Refuse writes, in all processes of this machine, from their next request on."""
    Path(settings.MAINTENANCE_FILE).write_text(message, encoding="utf-8")
    _maintenance_in_second.cache_clear()


def switch_off() -> None:
    """Take writes again."""
    Path(settings.MAINTENANCE_FILE).unlink(missing_ok=True)
    _maintenance_in_second.cache_clear()


def _maintenance(file: Path) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


@lru_cache(maxsize=2)
def _maintenance_in_second(file: Path, second: int) -> str:
    return _maintenance(file)
