"""What jobs of webhooks do. What is gone by then is not told any more."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.utils import timezone

from apps.comments.models import Comment
from apps.core.fetching import Fetcher
from apps.jobs.handlers import handler, scheduled
from apps.moderation.models import Flag, LogEntry, story_of
from apps.stories.models import Story
from apps.webhooks import actions, messages
from apps.webhooks.models import Delivery, Endpoint, Event


@handler("webhooks.story")
def tell_of_story(*, story: int) -> None:
    """A story was submitted."""
    if found := _listed(story):
        _tell(Event.STORY, found.community_id, partial(messages.of_story, found), found.author_id)


@handler("webhooks.milestone")
def tell_of_milestone(*, story: int, points: int) -> None:
    """A story has reached `points`."""
    if found := _listed(story):
        say = partial(messages.of_milestone, found, points)
        _tell(Event.MILESTONE, found.community_id, say, found.author_id)


@handler("webhooks.comment")
def tell_of_comment(*, comment: int) -> None:
    """A comment was posted."""
    rows = Comment.objects.live().select_related("author", "body", "story__community")
    if found := rows.filter(pk=comment, story__removed_at=None, story__held_at=None).first():
        _tell(Event.COMMENT, found.story.community_id, partial(messages.of_comment, found), found.author_id)


@handler("webhooks.moderation")
def tell_of_act(*, entry: int) -> None:
    """A moderator acted."""
    found = LogEntry.objects.select_related("moderator", "person", "community").get(pk=entry)
    say = partial(messages.of_act, found)
    _tell(Event.MODERATION, found.community_id, say, found.person_id, found.moderator_id)


@handler("webhooks.flag")
def tell_of_flag(*, flag: int) -> None:
    """A member flagged something."""
    open_flags = Flag.objects.open().select_related("story__community", "comment__story__community")
    if found := open_flags.filter(pk=flag).first():
        story = story_of(found.item)
        # Its address holds the words of its title.
        _tell(Event.FLAG, story.community_id, partial(messages.of_flag, found), story.author_id)


def deliver(*, delivery: int) -> bool:
    """Send one message; whether it was taken. Nothing to do if it was erased meanwhile."""
    found = Delivery.objects.select_related("endpoint").filter(pk=delivery).first()
    return found is not None and actions.send(delivery=found, now=timezone.now(), fetcher=Fetcher())


# Attempts whose process was lost come on top.
@handler("webhooks.deliver", queue="slow", attempts=2 * actions.ATTEMPTS, outside=deliver)
def settle(is_taken: bool, *, delivery: int) -> None:
    """It was taken, or given up."""
    if is_taken and (found := Delivery.objects.filter(pk=delivery).first()):
        actions.settle(delivery=found, now=timezone.now())


def mail_notice(*, endpoint: int) -> None:
    """Tell people of an endpoint that was switched off."""
    actions.mail_notice(endpoint=Endpoint.objects.select_related("created_by").get(pk=endpoint))


@handler("webhooks.mail_notice", outside=mail_notice)
def noted(_: None, *, endpoint: int) -> None:
    """They were told."""


@scheduled("webhooks.forget_old", every=timedelta(hours=1), queue="slow")
def forget_old() -> None:
    """Keep the log of deliveries small."""
    actions.forget_old(now=timezone.now())


def _listed(story: int) -> Story | None:
    return Story.objects.listed().select_related("community", "author").filter(pk=story).first()


def _tell(
    event: Event,
    community_id: int | None,
    say: Callable[[], messages.Json],
    person_id: int | None,
    moderator_id: int | None = None,
) -> None:
    now, about = timezone.now(), {"person_id": person_id, "moderator_id": moderator_id}
    actions.tell(event=event, community_id=community_id, now=now, say=say, **about)
