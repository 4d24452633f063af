"""Threads of any size, written at once with their counters right."""

import random
from datetime import timedelta

from django.db import connection

from apps.accounts.models import User
from apps.comments.models import MAX_DEPTH, Comment, CommentText
from apps.core.ranking import controversy, wilson
from apps.stories.models import Story
from apps.votes.actions import recount
from tests.factories import NOW


def grow(story: Story, author: User, size: int, *, roots: float = 0.3, seed: int = 1) -> list[Comment]:
    """`size` comments, of which a share of `roots` answers the story, the others any earlier comment.

    Points repeat, so that every order has ties; no two are of the same second. The counters of the story and of
    `author` change in the database.
    """
    dice = random.Random(seed)
    comments: list[Comment] = []
    # Far above the database's own sequence, which goes on counting below.
    first = (Comment.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1_000_000
    for number in range(size):
        comment = Comment(pk=first + number, story=story, author=author, created_at=NOW + timedelta(seconds=number))
        comment.ups = comment.base_ups = dice.choice((1, 1, 1, 2, 3, 10))
        comment.flags = comment.base_flags = dice.choice((0, 0, 0, 1))
        comment.score = comment.ups - comment.flags
        comment.confidence = wilson(comment.ups, comment.flags)
        comment.controversy = controversy(comment.ups, comment.flags)
        if comments and dice.random() > roots:
            _answer(comment, dice.choice(comments), first, comments)
        comments.append(comment)
    Comment.objects.bulk_create(comments, batch_size=1000)
    CommentText.objects.bulk_create(
        [CommentText(comment=comment, markdown="Text.", html="<p>Text.</p>") for comment in comments], batch_size=1000
    )
    list(recount(repair=True))
    with connection.cursor() as cursor:
        # As after an import: a planner that takes the tables for empty reads them whole for each comment.
        cursor.execute("ANALYZE")
    return comments


def _answer(comment: Comment, parent: Comment, first: int, comments: list[Comment]) -> None:
    if parent.depth == MAX_DEPTH - 1:
        return
    comment.parent_id, comment.root_id = parent.pk, parent.root_id or parent.pk
    comment.path, comment.depth = f"{parent.path}.{parent.pk}".lstrip("."), parent.depth + 1
    parent.num_replies += 1
    for pk in comment.ancestor_ids:
        comments[pk - first].num_descendants += 1
