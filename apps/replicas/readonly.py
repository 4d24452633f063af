"""Whether the site takes writes, and what it says when it does not."""

import os
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from apps.replicas import servers, state

PRIMARY_GONE = (
    "The site is read-only for the moment: its main database cannot be reached. What you read may be a little old."
)
MAINTENANCE = "The site is read-only for the moment, for maintenance."


def notice() -> str:
    """The sentence that says why nothing can be written now; empty while all is well. No query."""
    if is_primary_gone():
        return PRIMARY_GONE
    # Nearly always it is not there, and asked for by every page.
    if not os.path.exists(settings.MAINTENANCE_FILE):
        return ""
    with suppress(FileNotFoundError):
        return Path(settings.MAINTENANCE_FILE).read_text(encoding="utf-8").strip()
    return ""


def is_primary_gone() -> bool:
    """Whether the primary is known to be gone, or was gone for this request."""
    now = state.current()
    return not servers.fleet.primary.is_serving or (now is not None and now.is_relaxed)


def switch_on(message: str = MAINTENANCE) -> None:
    """Refuse writes, in all processes of this machine, from their next request on."""
    Path(settings.MAINTENANCE_FILE).write_text(message, encoding="utf-8")


def switch_off() -> None:
    """Take writes again."""
    Path(settings.MAINTENANCE_FILE).unlink(missing_ok=True)
