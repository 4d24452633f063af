"""The jobs of notifications: each calls one action."""

from datetime import timedelta

from django.utils import timezone

from apps.jobs.handlers import handler, scheduled
from apps.moderation.models import LogEntry
from apps.notifications import mail, queries
from apps.notifications.actions import mailing, reading, telling
from apps.notifications.letters import Delivery

# Mail servers are slow, and many people get a digest in the same minute.
SLOW = "slow"


@handler("notifications.comment")
def comment(*, comment: int) -> None:
    """A comment was posted."""
    telling.tell_of_comment(comment=queries.live_comment(comment), now=timezone.now())


@handler("notifications.comment_watchers")
def comment_watchers(*, comment: int, after: int) -> None:
    """Its watchers, step by step."""
    telling.tell_watchers(target=queries.live_comment(comment), after=after, now=timezone.now())


@handler("notifications.comment_edit")
def comment_edit(*, comment: int) -> None:
    """A comment was edited."""
    telling.tell_of_edit(target=queries.live_comment(comment), now=timezone.now())


@handler("notifications.story")
def story(*, story: int) -> None:
    """A story was submitted."""
    telling.tell_of_story(story=queries.listed_story(story), now=timezone.now())


@handler("notifications.story_watchers")
def story_watchers(*, story: int, after: int) -> None:
    """Its watchers, step by step."""
    telling.tell_watchers(target=queries.listed_story(story), after=after, now=timezone.now())


@handler("notifications.story_edit")
def story_edit(*, story: int) -> None:
    """A story was edited."""
    telling.tell_of_edit(target=queries.listed_story(story), now=timezone.now())


@handler("notifications.act")
def act(*, entry: int) -> None:
    """A moderator did something."""
    telling.tell_of_act(entry=LogEntry.objects.get(pk=entry), now=timezone.now())


@handler("notifications.mail", queue=SLOW, outside=mail.send_collected)
def collected(delivery: Delivery, /, *, person: int, story: int, hour: int) -> None:
    """Somebody was told of something an hour ago at most."""
    mailing.note_delivery(person_id=person, delivery=delivery, now=timezone.now())


@scheduled("notifications.digests", every=timedelta(days=1), queue=SLOW)
def digests(*, after: int = 0) -> None:
    """A day begins; weekly digests too are asked for each day, and their key lets the first one in a week through."""
    mailing.enqueue_digests(after=after, now=timezone.now())


@handler("notifications.digest", queue=SLOW, outside=mail.send_digest)
def digest(delivery: Delivery, /, *, person: int, period: str) -> None:
    """Somebody's digest is due."""
    mailing.note_delivery(person_id=person, delivery=delivery, now=timezone.now())


@scheduled("notifications.forget_read", every=timedelta(days=1), queue=SLOW)
def forget_read(*, after: int = 0) -> None:
    """Keep the table small."""
    reading.forget_read(after=after, now=timezone.now())
