"""What is in a feed: the rows of a list, with their texts."""

from collections.abc import Sequence

from django.urls import reverse

from apps.comments.queries import CommentRow
from apps.feeds.formats import Entry
from apps.moderation.models import LogEntry
from apps.stories.models import StoryText
from apps.stories.queries import StoryRow


def story_entries(rows: Sequence[StoryRow], *, is_short: bool) -> list[Entry]:
    """Stories, with what their authors wrote unless `is_short`. At most 1 query."""
    texts = {} if is_short else _texts([row.id for row in rows])
    return [_story(row, texts.get(row.id, "")) for row in rows]


def comment_entries(rows: Sequence[CommentRow], *, is_short: bool) -> list[Entry]:
    """Comments with the titles of their stories. No query."""
    return [_comment(row, "" if is_short else row.html) for row in rows]


def log_entries(rows: Sequence[LogEntry]) -> list[Entry]:
    """What moderators did, and why. No query."""
    return [_log_entry(row) for row in rows]


def _texts(ids: list[int]) -> dict[int, str]:
    return dict(StoryText.objects.filter(story__in=ids).values_list("story_id", "html"))


def _story(row: StoryRow, html: str) -> Entry:
    return Entry(
        key=f"s/{row.id}",
        title=row.title,
        page=reverse("comments:thread", args=[row.id, row.slug or "-"]),
        url=row.url,
        html=html,
        author=row.author,
        published=row.created_at,
        updated=row.created_at,
        tags=row.tags,
    )


def _comment(row: CommentRow, html: str) -> Entry:
    return Entry(
        key=f"comments/{row.id}",
        title=f"{row.author or '[erased]'} on {row.story_title or '[gone]'}",
        page=reverse("comments:comment", args=[row.id]),
        html=html,
        author=row.author,
        published=row.created_at,
        updated=row.edited_at or row.created_at,
    )


def _log_entry(row: LogEntry) -> Entry:
    moderator = row.moderator.shown_name if row.moderator else ""
    return Entry(
        key=f"moderation/log/{row.pk}",
        title=f"{moderator or '[erased]'} {row.get_act_display()}{_target(row)}: {row.reason}",
        page=reverse("moderation:log"),
        html="",
        author=moderator,
        published=row.created_at,
        updated=row.created_at,
    )


def _target(row: LogEntry) -> str:
    if row.comment:
        return f" {row.comment.pk}"
    if row.story:
        return f" {row.story.pk if row.story.is_gone else row.story.title}"
    return f" {row.person.shown_name or '[erased]'}" if row.person else ""
