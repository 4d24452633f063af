"""Casting and retracting votes, and counting anew what all counters say."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import Model

from apps.accounts.actions import change_karma
from apps.accounts.models import User
from apps.accounts.permissions import check_may_write
from apps.comments.actions import change_tallies as change_comment_tallies
from apps.comments.actions import lock_comment
from apps.comments.models import Comment
from apps.communities.models import Community
from apps.pagecache import purging
from apps.stories.actions import change_tallies as change_story_tallies
from apps.stories.actions import lock_story
from apps.stories.models import Story
from apps.votes import counting
from apps.votes.models import CommentVote, StoryVote
from apps.votes.permissions import check_can_vote

# Rows that a recount locks at once: few, so that nobody waits long for a vote or a comment.
RECOUNTED = 100

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Drift:
    """A counter that does not say what the rows say."""

    counter: str
    pk: int
    stored: object
    counted: object


@transaction.atomic
def cast_story_vote(*, by: User, story: Story, now: datetime) -> Story:
    """Count one point of `by` for `story`; returns the story as it stands then. Idempotent.

    Raises Banned, OwnItem, VotingClosed. Cost: 6 queries; votes on one story wait for each other.
    """
    story = lock_story(story.pk)
    check_may_write(by, now)
    check_can_vote(by, story, now)
    _, created = StoryVote.objects.get_or_create(user=by, story=story, defaults={"created_at": now})
    if created:
        change_story_tallies(story, ups=+1)
        change_karma(person=story.author, delta=+1)
    return story


@transaction.atomic
def retract_story_vote(*, by: User, story: Story, now: datetime) -> Story:
    """Take `by`'s point back; returns the story as it stands then. Idempotent.

    Raises Banned, OwnItem, VotingClosed.
    """
    story = lock_story(story.pk)
    check_may_write(by, now)
    check_can_vote(by, story, now)
    deleted, _ = StoryVote.objects.filter(user=by, story=story).delete()
    if deleted:
        change_story_tallies(story, ups=-1)
        change_karma(person=story.author, delta=-1)
    return story


@transaction.atomic
def cast_comment_vote(*, by: User, comment: Comment, now: datetime) -> Comment:
    """Count one point of `by` for `comment`; returns the comment as it stands then. Idempotent.

    Raises Banned, OwnItem, VotingClosed. Cost: 8 queries; votes in one thread wait for each other.
    """
    story = lock_story(comment.story_id)
    comment = lock_comment(comment.pk)
    check_may_write(by, now)
    check_can_vote(by, comment, now)
    _, created = CommentVote.objects.get_or_create(user=by, comment=comment, defaults={"created_at": now})
    if created:
        change_comment_tallies(comment, story, ups=+1)
        change_karma(person=comment.author, delta=+1)
    return comment


@transaction.atomic
def retract_comment_vote(*, by: User, comment: Comment, now: datetime) -> Comment:
    """Take `by`'s point back; returns the comment as it stands then. Idempotent.

    Raises Banned, OwnItem, VotingClosed.
    """
    story = lock_story(comment.story_id)
    comment = lock_comment(comment.pk)
    check_may_write(by, now)
    check_can_vote(by, comment, now)
    deleted, _ = CommentVote.objects.filter(user=by, comment=comment).delete()
    if deleted:
        change_comment_tallies(comment, story, ups=-1)
        change_karma(person=comment.author, delta=-1)
    return comment


def recount(*, repair: bool) -> Iterator[Drift]:
    """Compare every counter with what the rows say, and set it right when `repair` is true.

    Can run while people write: each batch is locked, and written in a transaction of its own. Memory: a batch of
    threads. Cost: some 100 µs a comment with its votes. A batch with repairs purges all pages.
    """
    yield from _in_batches(Community, lambda rows: _differences(rows, counting.communities(rows), repair))
    yield from _in_batches(Story, lambda rows: _recount_threads(rows, repair))
    yield from _in_batches(User, lambda rows: _differences(rows, counting.people(rows), repair))


def _in_batches(model: type[Row], recount_batch: Callable[[list[Row]], list[Drift]]) -> Iterator[Drift]:
    rows = model._default_manager.select_for_update(no_key=True).order_by("pk")
    last = 0
    while True:
        with transaction.atomic():
            batch = list(rows.filter(pk__gt=last)[:RECOUNTED])
            found = recount_batch(batch)
        yield from found
        if len(batch) < RECOUNTED:
            return
        last = batch[-1].pk


def _recount_threads(stories: list[Story], repair: bool) -> list[Drift]:
    comments = list(Comment.objects.filter(story__in=stories))
    points = counting.comments(comments)
    counted = counting.stories(stories, comments, points)
    return _differences(comments, points, repair) + _differences(stories, counted, repair)


def _differences(rows: Sequence[Model], counted: counting.Counted, repair: bool) -> list[Drift]:
    found = []
    for row in rows:
        wrong = {name: value for name, value in counted[row.pk].items() if not _is_same(getattr(row, name), value)}
        model = type(row)
        found += [Drift(f"{model.__name__}.{name}", row.pk, getattr(row, name), value) for name, value in wrong.items()]
        if wrong and repair:
            model._default_manager.filter(pk=row.pk).update(**wrong)
    if found and repair:
        purging.purge_everything()
    return found


def _is_same(stored: object, counted: object) -> bool:
    if isinstance(stored, float) and isinstance(counted, float):
        # The order in which tags' modifiers are added up is not the same each time.
        return math.isclose(stored, counted, abs_tol=1e-6)
    return stored == counted
