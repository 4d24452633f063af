"""How a notification reads, on the site and in mails: who did what to which story. No query here."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from apps.accounts.models import User, name_of
from apps.core.text import excerpt
from apps.moderation.models import LogEntry
from apps.notifications.models import Kind, Notification

EXCERPT_LENGTH = 240
# What a line is made of: pass it to select_related.
PARTS = ("story__author", "story__body", "comment__author", "comment__body", "entry__moderator", "entry__comment")
MODERATED: dict[str, str] = {
    LogEntry.Act.REMOVE_STORY: "removed your story",
    LogEntry.Act.RESTORE_STORY: "restored your story",
    LogEntry.Act.LOCK_STORY: "locked the thread of your story",
    LogEntry.Act.UNLOCK_STORY: "unlocked the thread of your story",
    LogEntry.Act.REMOVE_COMMENT: "removed your comment on",
    LogEntry.Act.RESTORE_COMMENT: "restored your comment on",
    LogEntry.Act.BAN_PERSON: "banned you",
    LogEntry.Act.UNBAN_PERSON: "lifted your ban",
}
REASONS: dict[str, str] = {
    Kind.STORY: "you watch this story",
    Kind.PERSON: "you watch this person",
    Kind.TAG: "you watch one of its tags",
}


@dataclass(frozen=True, slots=True)
class Line:
    """`actor` `act` `title`, such as "mia mentioned you on A story".

    `actor` is "" when that person has been erased, `title` when it is about no story or nobody may see it any more,
    and `excerpt` when there is no text, or it is gone. `path` leads to what it is about.
    """

    id: int
    kind: str
    actor: str
    act: str
    title: str
    path: str
    excerpt: str
    reason: str
    created_at: datetime

    @property
    def sentence(self) -> str:
        """The whole as plain text."""
        return " ".join(part for part in (self.actor or "Somebody", self.act, self.title) if part)


def line_of(told: Notification) -> Line:
    """The line of a notification that is loaded with its PARTS."""
    target = told.comment or (told.entry.comment if told.entry else None) or told.story
    return Line(
        id=told.pk,
        kind=told.kind,
        actor=name_of(_actor(told)),
        act=_act(told),
        title=_title(told),
        path=target.get_absolute_url() if target else reverse("moderation:log"),
        excerpt=_excerpt(told),
        reason=REASONS.get(told.kind, ""),
        created_at=told.created_at,
    )


def _actor(told: Notification) -> User | None:
    if told.entry:
        return told.entry.moderator
    target = told.comment or told.story
    return target.author if target else None


def _act(told: Notification) -> str:
    if told.entry:
        until = f" until {told.entry.until:%B %-d, %Y}" if told.entry.until else ""
        return MODERATED[told.entry.act] + until
    if told.kind == Kind.MENTION:
        return "mentioned you on"
    if told.comment is None:
        return "submitted"
    if told.kind == Kind.REPLY:
        return "replied to you on" if told.comment.parent_id else "commented on your story"
    return "commented on"


def _title(told: Notification) -> str:
    story = told.story
    if story is None:
        return ""
    # The author of what was removed knows its title.
    is_hidden = not told.entry and (story.removed_at or story.held_at)
    return "[gone]" if story.deleted_at or is_hidden else story.title


def _excerpt(told: Notification) -> str:
    if told.entry:
        return told.entry.reason
    body = told.comment.body if told.comment else getattr(told.story, "body", None)
    return excerpt(body.html, EXCERPT_LENGTH) if body and told.is_visible else ""
