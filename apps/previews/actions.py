"""Keeping what pages said of themselves, asking again, and dropping it."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from apps.jobs import actions as jobs
from apps.pagecache import purging
from apps.previews.gathering import Found
from apps.previews.models import Preview
from apps.stories.actions import lock_story
from apps.stories.tags import story as story_tag

# A page that is out of reach is asked again after each of these; not by attempts of its job, which would be dead
# at last: that somebody else's server is down is nothing for operators.
WAITS = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
DROPPED = {
    **{"title": "", "description": "", "site_name": "", "canonical_url": "", "thumbnail": "", "width": 0, "height": 0},
    "error": "dropped",
}


@transaction.atomic
def keep_preview(*, story_id: int, found: Found, attempt: int, now: datetime) -> None:
    """Keep what was found for the story, and show it; after a fault only that, and what was known before stays.

    Asks again later what may be well then. Cost: 4 queries.
    """
    story = lock_story(story_id)
    if story.deleted_at:
        # While we asked: so its picture came too late to be dropped.
        jobs.enqueue("previews.drop", story=story_id)
        return
    Preview.objects.update_or_create(story=story, defaults=_columns(found, now))
    if found.fault is None:
        purging.purge(story_tag(story.pk))
    elif found.fault.is_transient and attempt <= len(WAITS):
        jobs.enqueue("previews.fetch", story=story_id, attempt=attempt + 1, not_before=now + WAITS[attempt - 1])


@transaction.atomic
def drop_preview(*, story_id: int) -> None:
    """Forget all that the page said; its files are deleted already. Idempotent."""
    if Preview.objects.filter(story=story_id).update(**DROPPED):
        purging.purge(story_tag(story_id))


@transaction.atomic
def order_fetches(*, previews: QuerySet[Preview]) -> None:
    """Have these pages asked again, soon."""
    for story_id in previews.values_list("pk", flat=True):
        jobs.enqueue("previews.fetch", story=story_id)


@transaction.atomic
def order_drops(*, previews: QuerySet[Preview]) -> None:
    """Have these previews dropped, with their files, soon."""
    for story_id in previews.values_list("pk", flat=True):
        jobs.enqueue("previews.drop", story=story_id)


def _columns(found: Found, now: datetime) -> dict[str, Any]:
    if found.page is None:
        return {"error": found.fault, "fetched_at": now}
    return {
        "title": found.page.title,
        "description": found.page.description,
        "site_name": found.page.site_name,
        "canonical_url": found.page.canonical_url,
        "thumbnail": found.thumbnail,
        "width": found.width,
        "height": found.height,
        "error": "",
        "fetched_at": now,
    }
