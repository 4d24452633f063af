"""Smallest valid rows, with every counter right. Call `create`: its result is typed."""

from tests.factories.comments import CommentFactory
from tests.factories.people import NOW, ModeratorFactory, PersonFactory
from tests.factories.places import CategoryFactory, CommunityFactory, TagFactory
from tests.factories.stories import StoryFactory
from tests.factories.votes import CommentVoteFactory, StoryVoteFactory

__all__ = [
    "NOW",
    "CategoryFactory",
    "CommentFactory",
    "CommentVoteFactory",
    "CommunityFactory",
    "ModeratorFactory",
    "PersonFactory",
    "StoryFactory",
    "StoryVoteFactory",
    "TagFactory",
]
