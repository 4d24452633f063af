"""Comments, counted as if they had been posted."""

from typing import Any

from django.db import transaction
from factory.declarations import LazyAttribute, Maybe, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from apps.comments import actions
from apps.comments.models import Comment, CommentText
from apps.core.ranking import controversy, wilson
from apps.core.text import render_markdown
from tests.factories.people import PersonFactory, credit
from tests.factories.stories import StoryFactory


class CommentFactory(DjangoModelFactory[Comment]):
    """A live comment of one point on `story`, or a reply to `parent`, written when the story was.

    `text` is as typed; other points than 1 are `base_ups` and `base_flags`. The counters of the story, of the
    ancestors and of the author change in the database: reload those rows to see it.
    """

    class Meta:
        model = Comment

    parent: Any = None
    story = Maybe("parent", SelfAttribute("parent.story"), SubFactory(StoryFactory))
    author = SubFactory(PersonFactory)
    created_at = LazyAttribute(lambda comment: comment.story.created_at)
    text = Sequence("Comment {}.".format)

    @classmethod
    @transaction.atomic
    def _create(cls, model_class: type[Comment], *args: Any, text: str, **fields: Any) -> Comment:
        comment = model_class(**fields)
        if parent := comment.parent:
            comment.root_id, comment.depth = parent.root_id or parent.pk, parent.depth + 1
            comment.path = f"{parent.path}.{parent.pk}".lstrip(".")
        comment.ups, comment.flags = comment.base_ups, comment.base_flags
        comment.score = comment.ups - comment.flags
        comment.confidence = wilson(comment.ups, comment.flags)
        comment.controversy = controversy(comment.ups, comment.flags)
        comment.save()
        CommentText.objects.create(comment=comment, markdown=text, html=render_markdown(text))
        credit(comment.author, comment.base_ups)
        if not comment.is_gone:
            actions.count_in(comment)
        return comment
