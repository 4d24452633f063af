"""Questions about moderation."""

from django.db.models import QuerySet

from apps.core.cursors import Cursor, Order, Page, paginate
from apps.moderation.models import LogEntry

PAGE_SIZE = 50
NEWEST = Order("created_at", "time")


def log(*, cursor: Cursor | None) -> Page[LogEntry]:
    """The public log, newest first, each entry with its people and targets. 2 queries."""
    page = paginate(LogEntry.objects.values("id", "created_at"), order=NEWEST, cursor=cursor, size=PAGE_SIZE)
    entries = {entry.pk: entry for entry in _entries().filter(pk__in=[row["id"] for row in page.rows])}
    return page.of([entries[row["id"]] for row in page.rows])


def removal_of_story(story_id: int) -> LogEntry | None:
    """Why the story was removed. 1 query."""
    return _entries().filter(story=story_id, act=LogEntry.Act.REMOVE_STORY).order_by("-id").first()


def _entries() -> QuerySet[LogEntry]:
    return LogEntry.objects.select_related("moderator", "person", "story", "comment", "community")
