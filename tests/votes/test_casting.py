"""A vote on PostgreSQL: one statement, which waits for nobody; and what its voter sees until it is folded."""

import re
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.comments.models import Comment
from apps.stories.models import Story
from apps.votes.models import CommentVote, StoryVote
from tests.concurrency import at_once
from tests.conftest import CountQueries
from tests.factories import CommentFactory, PersonFactory, StoryFactory
from tests.folding import fold
from tests.votes.test_actions import cast, retract

pytestmark = pytest.mark.django_db
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="on SQLite a vote is folded at once")


@pytest.fixture
def story() -> Story:
    """So new that votes are open."""
    return StoryFactory.create(created_at=timezone.now())


@pytest.fixture
def comment(story: Story) -> Comment:
    return CommentFactory.create(story=story)


@pytest.fixture
def voter(client: Client) -> User:
    """A member who is logged in."""
    person = PersonFactory.create()
    client.force_login(person)
    return person


def shown(html: str, item: Story | Comment) -> tuple[int, bool]:
    """The points of the button, and whether it is pressed."""
    key = f"{'s' if isinstance(item, Story) else 'c'}{item.pk}"
    found = re.search(rf'id="{key}-vote".*?aria-pressed="(\w+)".*?id="{key}-points">(-?\d+)', html, re.DOTALL)
    assert found, html
    return int(found[2]), found[1] == "true"


def press(client: Client, item: Story | Comment, **data: Any) -> tuple[int, bool]:
    """What the button says after it was pressed, as a fragment."""
    place = "s" if isinstance(item, Story) else "comments"
    answer = client.post(f"/{place}/{item.pk}/vote", data, headers={"HX-Request": "true"})
    return shown(answer.content.decode(), item)


@pytest.mark.parametrize("kind", ["story", "comment"])
def test_the_voter_sees_the_own_point_at_once(
    client: Client, voter: User, kind: str, request: pytest.FixtureRequest
) -> None:
    item = request.getfixturevalue(kind)

    answers = [press(client, item), press(client, item), press(client, item, undo="1"), press(client, item, undo="1")]

    assert answers == [(2, True), (2, True), (1, False), (1, False)]


@pytest.mark.parametrize("kind", ["story", "comment"])
def test_the_voter_sees_the_own_point_once_whatever_is_folded(
    client: Client, voter: User, kind: str, request: pytest.FixtureRequest
) -> None:
    item, answers = request.getfixturevalue(kind), []
    page = item.get_absolute_url()

    for data in ({}, {"undo": "1"}, {}):
        press(client, item, **data)
        before = shown(client.get(page).content.decode(), item)
        fold()
        answers += [before, shown(client.get(page).content.decode(), item)]

    assert answers == [(2, True), (2, True), (1, False), (1, False), (2, True), (2, True)]


def test_others_see_the_point_once_it_is_folded(client: Client, voter: User, story: Story) -> None:
    other = Client()
    other.force_login(PersonFactory.create())
    press(client, story)

    fold()

    assert shown(other.get("/newest").content.decode(), story) == (2, False)


@on_postgresql
@pytest.mark.parametrize("act", [cast, retract])
@pytest.mark.parametrize("kind", ["story", "comment"])
def test_a_vote_is_one_statement(
    count_queries: CountQueries, act: Any, kind: str, request: pytest.FixtureRequest
) -> None:
    item, person = request.getfixturevalue(kind), PersonFactory.create()
    cast(PersonFactory.create(), item, now=timezone.now())

    with count_queries() as queries:
        act(person, item, now=timezone.now())

    assert len(queries) == 1


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_thirty_two_vote_at_once_while_somebody_holds_every_lock_of_it(story: Story, comment: Comment) -> None:
    people = PersonFactory.create_batch(16)

    with transaction.atomic():
        Story.objects.select_for_update().get(pk=story.pk)
        Comment.objects.select_for_update().get(pk=comment.pk)
        at_once([partial(cast, person, item, now=timezone.now()) for person in people for item in (story, comment)])

    assert (StoryVote.objects.count(), CommentVote.objects.count()) == (16, 16)
    fold()
    assert (Story.objects.get().ups, Comment.objects.get().ups) == (17, 17)


@on_postgresql
def test_a_vote_that_changes_nothing_leaves_no_delta(story: Story) -> None:
    person = PersonFactory.create()
    cast(person, story, now=timezone.now())

    cast(person, story, now=timezone.now())
    retract(PersonFactory.create(), story, now=timezone.now())

    assert [delta.ups for delta in story.deltas.all()] == [1]
