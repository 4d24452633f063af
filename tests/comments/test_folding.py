"""Folding: it waits for nobody, nothing is added twice or lost, and what is late changes no thread."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from prometheus_client import REGISTRY

from apps.accounts.actions import lock_person
from apps.accounts.models import User
from apps.comments import actions, backlog, folding
from apps.comments.models import Comment, CommentDelta
from apps.comments.queries.pages import thread
from apps.comments.queries.pending import has_pending
from apps.stories.actions import lock_story
from apps.stories.models import Story, StoryDelta
from apps.votes import actions as votes
from tests.concurrency import at_once
from tests.conftest import CountQueries
from tests.factories import NOW, CommentFactory, PersonFactory, StoryFactory
from tests.folding import fold

pytestmark = [pytest.mark.django_db, pytest.mark.drifts(reason="deltas of votes that nobody cast")]
needs_row_locks = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks the whole database")


def add(story: Story, *, ups: int = 0, comments: int = 0) -> None:
    StoryDelta.objects.create(story=story, ups=ups, comments=comments)


def elsewhere(act: Callable[[], object]) -> None:
    """Do it over another connection."""
    at_once([act])


def test_deltas_are_added_up_once_and_gone() -> None:
    story = StoryFactory.create()
    for ups in (1, 1, -1):
        add(story, ups=ups)

    fold()
    fold()

    story.refresh_from_db()
    assert (story.ups, story.score, story.author.karma if story.author else 0) == (2, 2, 1)
    assert not has_pending()


def test_any_number_of_deltas_costs_the_same(count_queries: CountQueries) -> None:
    # Far from a milestone, which is told of by a job.
    story = StoryFactory.create(base_ups=30)
    add(story, ups=1)
    with count_queries() as few:
        fold()
    for _ in range(9):
        add(story, ups=1)

    with count_queries() as many:
        fold()

    assert len(many) == len(few)


def test_points_of_a_comment_reach_its_story_in_the_same_turn() -> None:
    comment = CommentFactory.create(story=StoryFactory.create(base_ups=50))
    CommentDelta.objects.create(comment=comment, ups=3)

    fold()

    assert Story.objects.get().comment_points == 2 + 3
    assert not has_pending()


def test_points_of_a_comment_that_went_before_they_were_folded_lift_nothing() -> None:
    comment = CommentFactory.create()
    CommentDelta.objects.create(comment=comment, ups=3)

    assert comment.author
    actions.delete_comment(by=comment.author, comment=comment, now=NOW)
    fold()

    assert Story.objects.get().comment_points == 0
    assert Comment.objects.get().ups == 4


def test_one_comment_more_and_another_less_leave_the_time_of_the_one_that_is_there() -> None:
    story = StoryFactory.create()
    old = CommentFactory.create(story=story, created_at=NOW + timedelta(hours=1))
    CommentFactory.create(story=story, created_at=NOW)
    Comment.objects.filter(pk=old.pk).update(deleted_at=NOW)
    for comments in (-1, +1):
        add(story, comments=comments)

    fold()

    story.refresh_from_db()
    assert story.active_at == NOW


def test_count_that_is_late_leaves_the_thread_as_it_is() -> None:
    root = CommentFactory.create()
    replies = [CommentFactory.create(parent=root) for _ in range(3)]
    Comment.objects.filter(pk=root.pk).update(num_descendants=9)

    page = thread(root.story, order="oldest", cursor=None)

    assert [row.id for row in page.rows] == [root.pk, *(reply.pk for reply in replies)]
    assert not any(row.cut for row in page.rows)


@needs_row_locks
@pytest.mark.django_db(transaction=True)
def test_a_fold_leaves_what_others_have_locked_to_the_next_turn() -> None:
    story, free = StoryFactory.create(), StoryFactory.create()
    add(story, ups=1)
    add(free, ups=1)

    with transaction.atomic():
        lock_story(story.pk)
        elsewhere(fold)
    during = dict(Story.objects.values_list("pk", "ups"))
    fold()

    assert during == {story.pk: 1, free.pk: 2}
    assert Story.objects.get(pk=story.pk).ups == 2


@needs_row_locks
@pytest.mark.django_db(transaction=True)
def test_a_fold_does_not_wait_for_an_author_either() -> None:
    comment = CommentFactory.create()
    CommentDelta.objects.create(comment=comment, ups=1)

    with transaction.atomic():
        lock_person(comment.author_id or 0)
        elsewhere(fold)
    during = Comment.objects.get().ups
    fold()

    assert (during, Comment.objects.get().ups) == (1, 2)


@needs_row_locks
@pytest.mark.django_db(transaction=True)
def test_comments_are_posted_and_deleted_while_the_story_is_locked() -> None:
    story = StoryFactory.create()
    root = CommentFactory.create(story=story)

    def post_and_delete() -> None:
        post = partial(actions.post_comment, by=PersonFactory.create(), story=story, now=NOW)
        reply, _ = post(text="Stays.", parent=root), post(text="Stays, too.")
        actions.delete_comment(by=reply.author or User(), comment=post(text="Goes.", parent=reply), now=NOW)

    with transaction.atomic():
        lock_story(story.pk)
        at_once([post_and_delete] * 4)
    waiting = Story.objects.get().num_comments
    fold()

    assert (waiting, Story.objects.get().num_comments) == (1, 9)
    assert Comment.objects.get(pk=root.pk).num_replies == 4
    assert list(votes.recount(repair=False)) == []


@pytest.mark.django_db(transaction=True)
def test_folding_while_everybody_writes_loses_nothing_and_finds_no_drift() -> None:
    story = StoryFactory.create()
    root = CommentFactory.create(story=story)
    drift: list[votes.Drift] = []

    def write(person: User) -> None:
        for number in range(6):
            comment = actions.post_comment(by=person, story=story, parent=root, text=f"Number {number}.", now=NOW)
            votes.cast_story_vote(by=person, story=story, now=NOW)
            votes.cast_comment_vote(by=person, comment=root, now=NOW)
            if number % 2:
                actions.delete_comment(by=person, comment=comment, now=NOW)
                votes.retract_story_vote(by=person, story=story, now=NOW)

    def fold_often() -> None:
        for _ in range(12):
            fold()

    def recount() -> None:
        for _ in range(4):
            drift.extend(votes.recount(repair=False))

    tasks: list[Callable[[], None]] = [partial(write, person) for person in PersonFactory.create_batch(4)]
    at_once([*tasks, fold_often, fold_often, recount])
    fold()

    assert drift == list(votes.recount(repair=False)) == []
    assert not has_pending()
    assert Story.objects.get().num_comments == 1 + 4 * 3


def test_no_fold_takes_more_than_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "FOLDED_AT_ONCE", 2)
    for story in StoryFactory.create_batch(3):
        add(story, ups=1)

    fold()
    left = StoryDelta.objects.count()
    fold()

    assert (left, StoryDelta.objects.count()) == (1, 0)


def test_backlog_says_for_how_long_the_oldest_delta_has_waited(count_queries: CountQueries) -> None:
    def lag() -> float:
        return REGISTRY.get_sample_value("comments_fold_lag_seconds") or 0.0

    assert not backlog.is_any()
    add(StoryFactory.create(), ups=1)
    assert backlog.is_any()
    first = lag()
    with count_queries() as queries:
        assert backlog.is_any()

    assert first == 0
    assert lag() > 0
    assert len(queries) == 2
    fold()
    assert not backlog.is_any()
    assert lag() == 0
