"""Votes, cast as people cast them, and folded."""

from datetime import datetime
from typing import Any

from factory.declarations import LazyAttribute, SubFactory
from factory.django import DjangoModelFactory

from apps.accounts.models import User
from apps.comments.models import Comment
from apps.stories.models import Story
from apps.votes import actions
from apps.votes.models import CommentVote, StoryVote
from tests.factories.comments import CommentFactory
from tests.factories.people import PersonFactory
from tests.factories.stories import StoryFactory
from tests.folding import fold


class StoryVoteFactory(DjangoModelFactory[StoryVote]):
    """A vote on `story`; tallies, ranks and karma change in the database."""

    class Meta:
        model = StoryVote

    user = SubFactory(PersonFactory)
    story = SubFactory(StoryFactory)
    created_at = LazyAttribute(lambda vote: vote.story.created_at)

    @classmethod
    def _create(
        cls, model_class: type[StoryVote], *args: Any, user: User, story: Story, created_at: datetime
    ) -> StoryVote:
        actions.cast_story_vote(by=user, story=story, now=created_at)
        fold()
        return model_class.objects.get(user=user, story=story)


class CommentVoteFactory(DjangoModelFactory[CommentVote]):
    """A vote on `comment`; tallies, ranks and karma change in the database."""

    class Meta:
        model = CommentVote

    user = SubFactory(PersonFactory)
    comment = SubFactory(CommentFactory)
    created_at = LazyAttribute(lambda vote: vote.comment.created_at)

    @classmethod
    def _create(
        cls, model_class: type[CommentVote], *args: Any, user: User, comment: Comment, created_at: datetime
    ) -> CommentVote:
        actions.cast_comment_vote(by=user, comment=comment, now=created_at)
        fold()
        return model_class.objects.get(user=user, comment=comment)
