"""What is in a feed: the rows of a list, with their texts."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.html import escape

from apps.accounts.models import name_of
from apps.comments.queries.rows import CommentRow
from apps.feeds.formats import Entry
from apps.moderation.models import LogEntry
from apps.notifications.lines import Line
from apps.stories.models import StoryText
from apps.stories.queries.rows import StoryRow


def story_entries(rows: Sequence[StoryRow], *, is_short: bool) -> list[Entry]:
    """Stories, with what their authors wrote unless `is_short`. At most 1 query."""
    texts = {} if is_short else _texts([row.id for row in rows])
    return [_story(row, texts.get(row.id, "")) for row in rows]


def mixed_entries(rows: Sequence[object], *, is_short: bool) -> list[Entry]:
    """Stories and comments in one list, and nothing else of it. At most 1 query."""
    stories = [row for row in rows if isinstance(row, StoryRow)]
    comments = [row for row in rows if isinstance(row, CommentRow)]
    entries = story_entries(stories, is_short=is_short) + comment_entries(comments, is_short=is_short)
    return sorted(entries, key=lambda entry: entry.published, reverse=True)


def line_entries(lines: Sequence[Line]) -> list[Entry]:
    """Notifications. No query."""
    return [
        Entry(
            key=f"inbox/{line.id}",
            title=line.sentence,
            page=line.path,
            html=f"<p>{escape(line.excerpt)}</p>" if line.excerpt else "",
            author=line.actor,
            published=line.created_at,
            updated=line.created_at,
        )
        for line in lines
    ]


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
        updated=row.edited_at or row.created_at,
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
    moderator = name_of(row.moderator)
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
