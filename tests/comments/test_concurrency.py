"""Many people write into one thread at the same moment."""

from functools import partial

import pytest

from apps.accounts.models import User
from apps.comments import actions
from apps.comments.models import Comment
from apps.stories.models import Story
from apps.votes import actions as votes
from tests.concurrency import at_once
from tests.factories import NOW, CommentFactory, PersonFactory, StoryFactory
from tests.folding import fold


def write_five(person: User, story: Story, parent: Comment) -> None:
    for number in range(5):
        above = parent if number % 2 else None
        actions.post_comment(by=person, story=story, parent=above, text=f"Number {number}.", now=NOW)


@pytest.mark.django_db(transaction=True)
def test_forty_comments_by_eight_people_are_all_counted() -> None:
    story = StoryFactory.create()
    parent = CommentFactory.create(story=story)

    at_once([partial(write_five, person, story, parent) for person in PersonFactory.create_batch(8)])

    fold()
    story.refresh_from_db()
    assert story.num_comments == Comment.objects.count() == 41
    assert list(votes.recount(repair=False)) == []


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_eight_times_at_once_gives_one_comment() -> None:
    story, person = StoryFactory.create(), PersonFactory.create()
    send = partial(actions.post_comment, by=person, story=story, text="Impatient.", now=NOW)

    sent = at_once([send] * 8)

    fold()
    assert len({comment.pk for comment in sent}) == 1
    assert Story.objects.get().num_comments == 1
