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
        _tell(Event.STORY, found.community_id, partial(messages.of_story, found))


@handler("webhooks.milestone")
def tell_of_milestone(*, story: int, points: int) -> None:
    """A story has reached `points`."""
    if found := _listed(story):
        _tell(Event.MILESTONE, found.community_id, partial(messages.of_milestone, found, points))


@handler("webhooks.comment")
def tell_of_comment(*, comment: int) -> None:
    """A comment was posted."""
    rows = Comment.objects.live().select_related("author", "body", "story__community")
    if found := rows.filter(pk=comment, story__removed_at=None, story__held_at=None).first():
        _tell(Event.COMMENT, found.story.community_id, partial(messages.of_comment, found))


@handler("webhooks.moderation")
def tell_of_act(*, entry: int) -> None:
    """A moderator acted."""
    found = LogEntry.objects.select_related("moderator", "person", "community").get(pk=entry)
    _tell(Event.MODERATION, found.community_id, partial(messages.of_act, found))


@handler("webhooks.flag")
def tell_of_flag(*, flag: int) -> None:
    """A member flagged something."""
    open_flags = Flag.objects.open().select_related("story__community", "comment__story__community")
    if found := open_flags.filter(pk=flag).first():
        _tell(Event.FLAG, story_of(found.item).community_id, partial(messages.of_flag, found))


def deliver(*, delivery: int) -> None:
    """Send one message."""
    found = Delivery.objects.select_related("endpoint").get(pk=delivery)
    actions.send(delivery=found, now=timezone.now(), fetcher=Fetcher())


@handler("webhooks.deliver", queue="slow", attempts=actions.ATTEMPTS, outside=deliver)
def settle(_: None, *, delivery: int) -> None:
    """It was taken."""
    found = Delivery.objects.select_related("endpoint").get(pk=delivery)
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


def _tell(event: Event, community_id: int | None, say: Callable[[], messages.Json]) -> None:
    actions.tell(event=event, community_id=community_id, now=timezone.now(), say=say)
