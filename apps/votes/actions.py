"""Casting and retracting votes."""

from datetime import datetime

from django.db import transaction

from apps.accounts.actions import change_karma
from apps.accounts.models import User
from apps.accounts.permissions import check_may_write
from apps.comments.actions import change_tallies as change_comment_tallies
from apps.comments.models import Comment
from apps.stories.actions import change_tallies as change_story_tallies
from apps.stories.actions import lock_story
from apps.stories.models import Story
from apps.votes.models import CommentVote, StoryVote
from apps.votes.permissions import check_can_vote


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
        change_karma(person_id=story.author_id, delta=+1)
    return story


@transaction.atomic
def retract_story_vote(*, by: User, story: Story, now: datetime) -> Story:
    """Take `by`'s point back; returns the story as it stands then. Idempotent. Raises OwnItem, VotingClosed."""
    story = lock_story(story.pk)
    check_can_vote(by, story, now)
    deleted, _ = StoryVote.objects.filter(user=by, story=story).delete()
    if deleted:
        change_story_tallies(story, ups=-1)
        change_karma(person_id=story.author_id, delta=-1)
    return story


@transaction.atomic
def cast_comment_vote(*, by: User, comment: Comment, now: datetime) -> Comment:
    """Count one point of `by` for `comment`; returns the comment as it stands then. Idempotent.

    Raises Banned, OwnItem, VotingClosed. Cost: 8 queries; votes in one thread wait for each other.
    """
    story = lock_story(comment.story_id)
    comment = Comment.objects.select_for_update(no_key=True).get(pk=comment.pk)
    check_may_write(by, now)
    check_can_vote(by, comment, now)
    _, created = CommentVote.objects.get_or_create(user=by, comment=comment, defaults={"created_at": now})
    if created:
        change_comment_tallies(comment, story, ups=+1)
        change_karma(person_id=comment.author_id, delta=+1)
    return comment


@transaction.atomic
def retract_comment_vote(*, by: User, comment: Comment, now: datetime) -> Comment:
    """Take `by`'s point back; returns the comment as it stands then. Idempotent. Raises OwnItem, VotingClosed."""
    story = lock_story(comment.story_id)
    comment = Comment.objects.select_for_update(no_key=True).get(pk=comment.pk)
    check_can_vote(by, comment, now)
    deleted, _ = CommentVote.objects.filter(user=by, comment=comment).delete()
    if deleted:
        change_comment_tallies(comment, story, ups=-1)
        change_karma(person_id=comment.author_id, delta=-1)
    return comment
