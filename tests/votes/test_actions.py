"""Casting and retracting votes."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from apps.accounts.models import User
from apps.accounts.permissions import Banned
from apps.comments.models import Comment
from apps.core.ranking import wilson
from apps.stories.models import Story
from apps.votes import actions
from apps.votes.models import VOTING_PERIOD, CommentVote, StoryVote
from apps.votes.permissions import OwnItem, VotingClosed
from tests.concurrency import at_once
from tests.factories import NOW, CommentFactory, PersonFactory, StoryFactory
from tests.folding import fold

Item = Story | Comment
Act = Callable[..., None]


def cast(by: User, item: Item, **other: Any) -> None:
    if isinstance(item, Story):
        actions.cast_story_vote(by=by, story=item, **{"now": NOW} | other)
    else:
        actions.cast_comment_vote(by=by, comment=item, **{"now": NOW} | other)


def retract(by: User, item: Item, **other: Any) -> None:
    if isinstance(item, Story):
        actions.retract_story_vote(by=by, story=item, **{"now": NOW} | other)
    else:
        actions.retract_comment_vote(by=by, comment=item, **{"now": NOW} | other)


def folded(item: Item) -> Item:
    """The item, once all votes are counted."""
    fold()
    item.refresh_from_db()
    return item


@pytest.fixture(params=[StoryFactory, CommentFactory], ids=["story", "comment"])
def factory(request: pytest.FixtureRequest) -> Any:
    return request.param


def karma(item: Item) -> int:
    assert item.author_id
    return User.objects.get(pk=item.author_id).karma


@pytest.mark.django_db
def test_a_vote_is_a_point_and_karma(factory: Any) -> None:
    item = factory.create()

    cast(PersonFactory.create(), item)

    assert (folded(item).ups, item.score, karma(item)) == (2, 2, 1)


@pytest.mark.django_db
def test_a_second_vote_counts_nothing(factory: Any) -> None:
    item, person = factory.create(), PersonFactory.create()

    for _ in range(2):
        cast(person, item)

    assert (folded(item).ups, karma(item)) == (2, 1)


@pytest.mark.django_db
def test_a_retracted_vote_leaves_no_trace(factory: Any) -> None:
    item, person = factory.create(), PersonFactory.create()
    cast(person, item)

    for _ in range(2):
        retract(person, item)

    assert (folded(item).ups, item.score, karma(item)) == (1, 1, 0)
    assert not StoryVote.objects.exists()
    assert not CommentVote.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("act", [cast, retract])
def test_nobody_votes_on_what_they_wrote(factory: Any, act: Act) -> None:
    item = factory.create()

    with pytest.raises(OwnItem):
        act(item.author, item)


@pytest.mark.django_db
@pytest.mark.parametrize("act", [cast, retract])
@pytest.mark.parametrize("gone", ["removed_at", "deleted_at"])
def test_what_is_gone_takes_no_votes(factory: Any, act: Act, gone: str) -> None:
    item = factory.create(**{gone: NOW})

    with pytest.raises(VotingClosed):
        act(PersonFactory.create(), item)


@pytest.mark.django_db
@pytest.mark.parametrize("act", [cast, retract])
def test_voting_ends_after_its_period(factory: Any, act: Act) -> None:
    item, person = factory.create(), PersonFactory.create()

    act(person, item, now=NOW + VOTING_PERIOD - timedelta(seconds=1))
    with pytest.raises(VotingClosed):
        act(person, item, now=NOW + VOTING_PERIOD)


@pytest.mark.django_db
@pytest.mark.parametrize("act", [cast, retract])
def test_a_banned_person_does_not_vote(factory: Any, act: Act) -> None:
    person = PersonFactory.create(banned_until=NOW + timedelta(days=1))

    with pytest.raises(Banned):
        act(person, factory.create())


@pytest.mark.django_db
def test_votes_on_an_erased_persons_item_give_nobody_karma(factory: Any) -> None:
    item = factory.create(author=None)

    cast(PersonFactory.create(), item)
    fold()

    assert not User.objects.filter(karma__gt=0).exists()


@pytest.mark.django_db
def test_a_storys_rank_follows_its_votes() -> None:
    story = StoryFactory.create()
    before = story.hotness

    cast(PersonFactory.create(), story)

    fold()
    story.refresh_from_db()
    assert story.hotness > before


@pytest.mark.django_db
def test_votes_on_comments_move_them_and_lift_the_story() -> None:
    comment = CommentFactory.create(story=StoryFactory.create(base_ups=50))
    story = Story.objects.get()

    cast(PersonFactory.create(), comment)

    fold()
    comment.refresh_from_db()
    assert comment.confidence == wilson(2, 0)
    assert Story.objects.get().comment_points == story.comment_points + 1
    assert Story.objects.get().hotness > story.hotness


@pytest.mark.django_db
def test_votes_on_the_submitters_comments_do_not_lift_the_story() -> None:
    story = StoryFactory.create()
    comment = CommentFactory.create(story=story, author=story.author)

    cast(PersonFactory.create(), comment)
    fold()

    assert Story.objects.get().comment_points == 0


def cast_each(people: list[User], item: Item) -> None:
    for person in people:
        cast(person, item)


@pytest.mark.django_db(transaction=True)
def test_thirty_two_votes_through_eight_threads_are_all_counted(factory: Any) -> None:
    item = factory.create()
    people = PersonFactory.create_batch(32)

    at_once([partial(cast_each, people[start::8], item) for start in range(8)])

    assert (folded(item).ups, karma(item)) == (33, 32)
    assert list(actions.recount(repair=False)) == []


@pytest.mark.django_db(transaction=True)
def test_one_finger_pressing_eight_times_at_once_is_one_point(factory: Any) -> None:
    item, person = factory.create(), PersonFactory.create()

    at_once([partial(cast, person, item)] * 8)

    assert (folded(item).ups, karma(item)) == (2, 1)


@pytest.mark.django_db(transaction=True)
def test_casting_and_retracting_at_once_ends_in_one_of_both(factory: Any) -> None:
    item, person = factory.create(), PersonFactory.create()

    at_once([partial(act, person, item) for act in (cast, retract) * 4])

    assert list(actions.recount(repair=False)) == []
    fold()
    assert list(actions.recount(repair=False)) == []
