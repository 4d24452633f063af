"""What moderators do: each act has a reason and leaves an entry in the log, in one transaction."""

from datetime import datetime, timedelta

from django.db import transaction

from apps.accounts.models import User
from apps.accounts.tags import person as person_tag
from apps.changes import actions as changes
from apps.comments.actions import count_in, count_out, lock_comment
from apps.comments.models import Comment
from apps.comments.tags import appearances
from apps.core.errors import Conflict, Invalid
from apps.core.text import clean_line
from apps.jobs import actions as jobs
from apps.moderation.actions.flags import settle
from apps.moderation.models import REASON_LENGTH, LogEntry
from apps.moderation.permissions import check_can_ban, check_can_moderate
from apps.moderation.tags import LOG
from apps.pagecache import purging
from apps.pagecache.tags import viewer
from apps.stories.actions import lock_story, purge_story
from apps.stories.models import Story

Act = LogEntry.Act
LONGEST_BAN = timedelta(days=3650)


class AlreadyDone(Conflict):
    """Somebody else did the same a moment ago."""

    code = "already-done"
    message = "Another moderator has already done that."


@transaction.atomic
def remove_story(*, by: User, story: Story, reason: str, now: datetime) -> LogEntry:
    """Take a story from all lists and hide its text. Raises AlreadyDone, Invalid, NotModerator. 11 queries."""
    story = lock_story(story.pk)
    check_can_moderate(by, story.community_id, now)
    _check(story.removed_at is None)
    story.removed_at = now
    story.save(update_fields=["removed_at"])
    settle(story, by=by, now=now)
    _index_anew(story)
    changes.note("story", story.pk, now)
    purge_story(story)
    return _log(by, Act.REMOVE_STORY, reason, now, story=story)


@transaction.atomic
def restore_story(*, by: User, story: Story, reason: str, now: datetime) -> LogEntry:
    """Undo a removal. Raises AlreadyDone, Invalid, NotModerator. 10 queries."""
    story = lock_story(story.pk)
    check_can_moderate(by, story.community_id, now)
    _check(story.removed_at is not None)
    story.removed_at = None
    story.save(update_fields=["removed_at"])
    _index_anew(story)
    changes.note("story", story.pk, now)
    purge_story(story)
    return _log(by, Act.RESTORE_STORY, reason, now, story=story)


@transaction.atomic
def lock_thread(*, by: User, story: Story, reason: str, now: datetime) -> LogEntry:
    """Take no more comments. Raises AlreadyDone, Invalid, NotModerator. 8 queries."""
    story = lock_story(story.pk)
    check_can_moderate(by, story.community_id, now)
    _check(story.locked_at is None)
    story.locked_at = now
    story.save(update_fields=["locked_at"])
    changes.note("story", story.pk, now)
    purge_story(story)
    return _log(by, Act.LOCK_STORY, reason, now, story=story)


@transaction.atomic
def unlock_thread(*, by: User, story: Story, reason: str, now: datetime) -> LogEntry:
    """Take comments again. Raises AlreadyDone, Invalid, NotModerator. 8 queries."""
    story = lock_story(story.pk)
    check_can_moderate(by, story.community_id, now)
    _check(story.locked_at is not None)
    story.locked_at = None
    story.save(update_fields=["locked_at"])
    changes.note("story", story.pk, now)
    purge_story(story)
    return _log(by, Act.UNLOCK_STORY, reason, now, story=story)


@transaction.atomic
def remove_comment(*, by: User, comment: Comment, reason: str, now: datetime) -> LogEntry:
    """Hide a comment behind a placeholder. Raises AlreadyDone, Invalid, NotModerator. 21 queries."""
    comment = _lock_comment(by, comment, now)
    _check(comment.removed_at is None)
    was_live = not comment.is_gone
    comment.removed_at = now
    comment.save(update_fields=["removed_at"])
    settle(comment, by=by, now=now)
    if was_live:
        count_out(comment)
    jobs.enqueue("search.index", kind="comment", pk=comment.pk)
    changes.note("comment", comment.pk, now)
    purging.purge(*appearances(comment))
    return _log(by, Act.REMOVE_COMMENT, reason, now, story=comment.story, comment=comment)


@transaction.atomic
def restore_comment(*, by: User, comment: Comment, reason: str, now: datetime) -> LogEntry:
    """Undo a removal. Raises AlreadyDone, Invalid, NotModerator. 20 queries."""
    comment = _lock_comment(by, comment, now)
    _check(comment.removed_at is not None)
    comment.removed_at = None
    comment.save(update_fields=["removed_at"])
    if not comment.is_gone:
        count_in(comment)
    jobs.enqueue("search.index", kind="comment", pk=comment.pk)
    changes.note("comment", comment.pk, now)
    purging.purge(*appearances(comment))
    return _log(by, Act.RESTORE_COMMENT, reason, now, story=comment.story, comment=comment)


@transaction.atomic
def ban_person(*, by: User, person: User, days: int, reason: str, now: datetime) -> LogEntry:
    """Keep a person from writing for `days`; a second ban replaces the first. Raises Invalid, NotAllowed."""
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    check_can_ban(by, person, now)
    if not 1 <= days <= LONGEST_BAN.days:
        raise Invalid(f"A ban lasts from 1 to {LONGEST_BAN.days:,} days.", field="days")
    person.banned_until = now + timedelta(days=days)
    person.save(update_fields=["banned_until"])
    purging.purge(person_tag(person.username), viewer(person.pk))
    return _log(by, Act.BAN_PERSON, reason, now, person=person)


@transaction.atomic
def unban_person(*, by: User, person: User, reason: str, now: datetime) -> LogEntry:
    """End a ban early. Raises AlreadyDone, Invalid, NotAllowed."""
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    check_can_ban(by, person, now)
    _check(person.is_banned(now))
    person.banned_until = None
    person.save(update_fields=["banned_until"])
    purging.purge(person_tag(person.username), viewer(person.pk))
    return _log(by, Act.UNBAN_PERSON, reason, now, person=person)


def _lock_comment(by: User, comment: Comment, now: datetime) -> Comment:
    comment = lock_comment(comment.pk)
    check_can_moderate(by, comment.story.community_id, now)
    return comment


def _index_anew(story: Story) -> None:
    """Have what is found follow: the story, and with it all comments below it."""
    jobs.enqueue("search.index", kind="story", pk=story.pk)
    jobs.enqueue("search.index_thread", story_id=story.pk, after=0)


def _check(is_as_expected: bool) -> None:
    if not is_as_expected:
        raise AlreadyDone


def _log(
    by: User,
    act: Act,
    reason: str,
    now: datetime,
    *,
    story: Story | None = None,
    comment: Comment | None = None,
    person: User | None = None,
) -> LogEntry:
    reason = clean_line(reason)
    if not reason:
        raise Invalid("Give a reason: it stands in the public log.", field="reason")
    if len(reason) > REASON_LENGTH:
        raise Invalid(f"A reason has at most {REASON_LENGTH} characters.", field="reason")
    purging.purge(LOG)
    target = comment or story
    entry = LogEntry.objects.create(
        moderator=by,
        act=act,
        reason=reason,
        created_at=now,
        community_id=story.community_id if story else None,
        story=story,
        comment=comment,
        person_id=target.author_id if target else person.pk if person else None,
        until=person.banned_until if person else None,
    )
    jobs.enqueue("notifications.act", "webhooks.moderation", entry=entry.pk)
    return entry
