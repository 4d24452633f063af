"""Telling people of what others did: each once, by the most direct kind they want. The callers are jobs."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F

from apps.accounts.models import User
from apps.comments.models import Comment
from apps.core.text import names_called
from apps.jobs import actions as jobs
from apps.live import publishing
from apps.moderation.models import LogEntry
from apps.notifications import mailtimes, queries
from apps.notifications.models import Channel, Kind, Notification, Preferences
from apps.pagecache import own
from apps.pagecache.tags import viewer
from apps.stories.models import Story

# People are told in steps of so many, each a job of its own.
STEP = 500


@transaction.atomic
def tell_of_comment(*, comment: Comment | None, now: datetime) -> None:
    """Tell whose words it answers and whom it calls by name, then those who watch. Nobody, if it is gone by now."""
    if comment:
        answered = comment.parent.author_id if comment.parent else comment.story.author_id
        _tell(_about(comment), {Kind.REPLY: [answered], Kind.MENTION: _called(comment)}, now)
        _tell_watchers_later(comment, after=0)


@transaction.atomic
def tell_of_story(*, story: Story | None, now: datetime) -> None:
    """Tell whom its text calls by name, then those who watch its author or tags. Nobody, if it is gone by now."""
    if story:
        _tell(_about(story), {Kind.MENTION: _called(story)}, now)
        _tell_watchers_later(story, after=0)


@transaction.atomic
def tell_of_edit(*, target: Comment | Story | None, now: datetime) -> None:
    """Tell whom the text calls by name now; who was told of it before is not told again."""
    if target:
        _tell(_about(target), {Kind.MENTION: _called(target)}, now)


@transaction.atomic
def tell_watchers(*, target: Comment | Story | None, after: int, now: datetime) -> None:
    """Tell the next STEP people, by id, who watch the story, its tags or its author; the rest in jobs to follow."""
    if target is None:
        return
    found = {kind: set(ids.filter(user__gt=after).order_by("user")[:STEP]) for kind, ids in queries.watchers(target)}
    step = sorted(set().union(*found.values()))[:STEP]
    _tell(_about(target), {kind: ids.intersection(step) for kind, ids in found.items()}, now)
    if len(step) == STEP:
        _tell_watchers_later(target, after=step[-1])


@transaction.atomic
def tell_of_act(*, entry: LogEntry, now: datetime) -> None:
    """Tell the author of what a moderator removed, restored or locked, or who was banned."""
    _tell(Notification(entry=entry, story=entry.story), {Kind.MODERATION: [entry.person_id]}, now)


def _about(target: Comment | Story) -> Notification:
    """What those who are told of it get copies of."""
    if isinstance(target, Comment):
        return Notification(comment=target, story=target.story)
    return Notification(story=target)


def _called(target: Comment | Story) -> list[int]:
    return queries.people_called(names_called(target.body.markdown))


def _tell_watchers_later(target: Comment | Story, *, after: int) -> None:
    if isinstance(target, Comment):
        jobs.enqueue("notifications.comment_watchers", comment=target.pk, after=after)
    else:
        jobs.enqueue("notifications.story_watchers", story=target.pk, after=after)


def _tell(about: Notification, wanted: Mapping[Kind, Collection[int | None]], now: datetime) -> None:
    """Tell each of these people by the first kind that they have not switched off.

    Cost: 7 queries, 8 where there is a live service, whatever their number, and 1 for each mail that is to follow.
    """
    willing = _lock_willing(about, {pk for people in wanted.values() for pk in people if pk})
    told = [
        Notification(
            recipient_id=pk,
            kind=kind,
            story_id=about.story_id,
            comment_id=about.comment_id,
            entry_id=about.entry_id,
            created_at=now,
        )
        for pk, preferences in willing.items()
        if (kind := _first(preferences, [kind for kind, people in wanted.items() if pk in people]))
    ]
    if not told:
        return
    Notification.objects.bulk_create(told)
    recipients = [one.recipient_id for one in told]
    User.objects.filter(pk__in=recipients).update(num_unread=F("num_unread") + 1)
    own.outdate_all(recipients)
    _tell_open_pages(recipients)
    for one in told:
        if one.kind in willing[one.recipient_id].mailed_kinds:
            _mail_later(one)


def _tell_open_pages(recipients: Collection[int]) -> None:
    """Have them show how many are unread. 1 query, where there is a live service."""
    if settings.LIVE:
        numbers = User.objects.filter(pk__in=recipients).values_list("pk", "num_unread")
        publishing.publish("unread", {viewer(pk): {"unread": number} for pk, number in numbers})


def _lock_willing(about: Notification, people: set[int]) -> dict[int, Preferences]:
    """The preferences of those of `people` who may be told: not the author, nor who was told already or has muted it.

    Their rows are locked, in order: so the ids of what one person is told rise in the order of commits, and nothing
    that comes late is below `read_until`.
    """
    rows = User.objects.select_for_update(no_key=True).filter(pk__in=people, is_active=True).order_by("pk")
    locked = set(rows.values_list("pk", flat=True)) - {queries.author_of(about)}
    same = Notification.objects.filter(story=about.story_id, comment=about.comment_id, entry=about.entry_id)
    told = same.filter(recipient__in=locked).values_list("recipient_id", flat=True)
    willing = locked.difference(told, queries.unwilling(about, locked))
    chosen = Preferences.objects.in_bulk(willing)
    return {pk: chosen.get(pk) or Preferences(user_id=pk) for pk in sorted(willing)}


def _first(preferences: Preferences, kinds: Iterable[Kind]) -> Kind | None:
    return next((kind for kind in kinds if preferences.channel(kind) != Channel.OFF), None)


def _mail_later(told: Notification) -> None:
    """One mail for all that one person is told of one story within one hour, after it."""
    person, story = told.recipient_id, told.story_id or 0
    hour = mailtimes.hour_of(story, told.created_at)
    jobs.enqueue(
        "notifications.mail",
        key=f"mail:{person}:{story}:{hour}",
        not_before=mailtimes.end_of(story, hour) + mailtimes.GRACE,
        person=person,
        story=story,
        hour=hour,
    )
