"""Jobs of previews. What they wait for comes before their transactions."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from apps.core.fetching import Fetcher
from apps.jobs.handlers import handler
from apps.previews import actions, thumbnails
from apps.previews.gathering import Found, gather
from apps.previews.queries import link_of


def fetch(*, story: int, attempt: int = 1) -> Found | None:
    """Ask the page of the story's link; None when there is none to ask."""
    url = link_of(story) if settings.LINK_PREVIEWS else ""
    return gather(url, story, Fetcher()) if url else None


@handler("previews.fetch", attempts=4, time_limit=timedelta(seconds=30), outside=fetch)
def keep(found: Found | None, *, story: int, attempt: int = 1) -> None:
    """Keep what it said."""
    if found:
        actions.keep_preview(story_id=story, found=found, attempt=attempt, now=timezone.now())


def erase(*, story: int) -> None:
    """Delete the story's files."""
    thumbnails.erase(story)


@handler("previews.drop", outside=erase)
def drop(_: None, *, story: int) -> None:
    """Forget the rest."""
    actions.drop_preview(story_id=story)
