"""What members tell moderators: to flag, to take a flag back; and how flags are settled. None of it is in the log."""

from datetime import datetime, timedelta

from django.db import transaction

from apps.accounts.actions import lock_person
from apps.accounts.models import User
from apps.comments.actions import lock_comment
from apps.comments.models import Comment
from apps.core.errors import Invalid, RateLimited
from apps.core.text import clean_line
from apps.jobs import actions as jobs
from apps.moderation.models import NOTE_LENGTH, Flag, story_of
from apps.moderation.permissions import check_can_flag, check_can_moderate
from apps.stories.actions import lock_story
from apps.stories.models import Story

# So that nobody can bury the moderators.
FLAGS_A_DAY = 25
DAY = timedelta(days=1)


class FlagsSpent(RateLimited):
    """Nobody flags more than FLAGS_A_DAY things within 24 hours."""

    code = "flags-spent"
    message = f"You have flagged {FLAGS_A_DAY} things within a day. The moderators will look at those first."


@transaction.atomic
def flag_story(*, by: User, story: Story, reason: str, note: str = "", now: datetime) -> Flag:
    """Tell the moderators what is wrong with a story. Idempotent: the first reason stays.

    Raises Banned, FlagsSpent, Invalid, NotAllowed. 6 queries.
    """
    return _flag(by, lock_story(story.pk), reason, note, now)


@transaction.atomic
def flag_comment(*, by: User, comment: Comment, reason: str, note: str = "", now: datetime) -> Flag:
    """Tell the moderators what is wrong with a comment. Idempotent: the first reason stays.

    Raises Banned, FlagsSpent, Invalid, NotAllowed. 6 queries.
    """
    return _flag(by, lock_comment(comment.pk), reason, note, now)


@transaction.atomic
def unflag(*, by: User, item: Story | Comment) -> None:
    """Take `by`'s flag back, unless it is settled. Idempotent. 1 write."""
    Flag.objects.open().on(item).filter(user=by).delete()


@transaction.atomic
def settle_flags(*, by: User, item: Story | Comment, now: datetime) -> None:
    """Let a story or comment stay as it is: dismiss its flags. Idempotent. Raises Banned, NotModerator. 1 write."""
    check_can_moderate(by, story_of(item).community_id, now)
    settle(item, by=by, now=now)


def settle(item: Story | Comment, *, by: User | None, now: datetime) -> None:
    """Mark the open flags of `item` as seen to, inside the caller's transaction. Idempotent. 1 write."""
    Flag.objects.open().on(item).update(settled_at=now, settled_by=by)


def _flag(by: User, item: Story | Comment, reason: str, note: str, now: datetime) -> Flag:
    # The item is locked, so that none is flagged while it goes; the person, so that nobody has more than their share.
    by = lock_person(by.pk)
    check_can_flag(by, item, now)
    note = _checked(reason, note)
    if first := Flag.objects.on(item).filter(user=by).first():
        return first
    _check_share(by, now)
    kind = "story" if isinstance(item, Story) else "comment"
    flag = Flag.objects.create(user=by, reason=reason, note=note, created_at=now, **{kind: item})
    # The key: who flags, takes it back, and flags again is told of once.
    jobs.enqueue("webhooks.flag", key=f"flag:{kind}:{item.pk}:{by.pk}", flag=flag.pk)
    return flag


def _checked(reason: str, note: str) -> str:
    note = clean_line(note)
    if reason not in Flag.Reason.values:
        raise Invalid("Choose one of the reasons.", field="reason")
    if reason == Flag.Reason.OTHER and not note:
        raise Invalid("Say in a few words what is wrong.", field="note")
    if len(note) > NOTE_LENGTH:
        raise Invalid(f"A note has at most {NOTE_LENGTH} characters; this one has {len(note):,}.", field="note")
    return note


def _check_share(by: User, now: datetime) -> None:
    recent = Flag.objects.filter(user=by, created_at__gt=now - DAY).order_by("-created_at")
    times = list(recent.values_list("created_at", flat=True)[:FLAGS_A_DAY])
    if len(times) == FLAGS_A_DAY:
        raise FlagsSpent(int((times[-1] + DAY - now).total_seconds()) + 1)
