"""What ends by itself, when, and what stays as it was."""

from datetime import datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session

from apps.accounts.models import User
from apps.comments.actions import record_visit
from apps.comments.models import Visit
from apps.jobs import actions as jobs
from apps.jobs.models import Job
from apps.moderation.actions.flags import flag_story
from apps.moderation.models import Flag
from apps.personal.actions import retention, votes
from apps.personal.actions.votes import forget_owners
from apps.votes.actions import cast_comment_vote, cast_story_vote, recount
from apps.votes.models import CommentVote, StoryVote
from tests.conftest import CountQueries
from tests.factories import NOW, CommentFactory, PersonFactory, StoryFactory, StoryVoteFactory
from tests.personal.work import run_all

pytestmark = pytest.mark.django_db

VOTES_END = timedelta(days=120)


def drift() -> list[object]:
    return list(recount(repair=False))


def unconfirmed(joined_at: datetime, *, is_verified: bool = False) -> User:
    person = PersonFactory.create(date_joined=joined_at)
    EmailAddress.objects.create(user=person, email=person.email, verified=is_verified)
    return person


@pytest.mark.parametrize("base_ups", [0, 1, 5])
def test_old_votes_lose_their_owners_and_nothing_else_changes(base_ups: int) -> None:
    story = StoryFactory.create(base_ups=base_ups)
    comment = CommentFactory.create(story=story, base_ups=base_ups)
    list(recount(repair=True))
    for person in PersonFactory.create_batch(3):
        cast_story_vote(by=person, story=story, now=NOW)
        cast_comment_vote(by=person, comment=comment, now=NOW)
    for item in (story, comment):
        item.refresh_from_db()
    before = (story.ups, story.score, story.hotness, comment.ups, comment.confidence)

    assert not forget_owners(now=NOW + VOTES_END)
    assert forget_owners(now=NOW + VOTES_END + timedelta(seconds=1))

    for item in (story, comment):
        item.refresh_from_db()
    assert (story.ups, story.score, story.hotness, comment.ups, comment.confidence) == before
    assert not StoryVote.objects.exists()
    assert not CommentVote.objects.exists()
    assert drift() == []


def test_younger_votes_keep_their_owners() -> None:
    old = StoryVoteFactory.create(story=StoryFactory.create(created_at=NOW - timedelta(days=121)))
    young = StoryVoteFactory.create(story=StoryFactory.create(created_at=NOW - timedelta(days=119)))

    forget_owners(now=NOW)

    assert list(StoryVote.objects.all()) == [young] != [old]


def test_many_votes_are_folded_step_by_step_in_few_queries(
    monkeypatch: pytest.MonkeyPatch, count_queries: CountQueries
) -> None:
    for story in StoryFactory.create_batch(3, created_at=NOW - timedelta(days=121)):
        for _ in range(3):
            StoryVoteFactory.create(story=story)
    monkeypatch.setattr(votes, "FOLDED", 4)

    with count_queries() as queries:
        forget_owners(now=NOW)
    left = StoryVote.objects.count()
    jobs.enqueue("personal.forget")
    names = run_all()

    assert left == 5
    assert sum("SAVEPOINT" not in query for query in queries) == 9
    assert names == ["personal.forget"] * 3
    assert not StoryVote.objects.exists()
    assert drift() == []


def test_sessions_that_are_over_go() -> None:
    for days in (-1, 1):
        Session.objects.create(session_key=str(days), session_data="x", expire_date=NOW + timedelta(days=days))

    assert retention.drop_sessions(now=NOW)

    assert list(Session.objects.values_list("pk", flat=True)) == ["1"]


def test_accounts_that_never_came_to_life_go_after_two_weeks() -> None:
    long_ago = NOW - timedelta(days=15)
    never_used = unconfirmed(long_ago)
    kept = [
        unconfirmed(NOW - timedelta(days=13)),
        unconfirmed(long_ago, is_verified=True),
        PersonFactory.create(date_joined=long_ago),
        CommentFactory.create(author=unconfirmed(long_ago)).author,
        StoryFactory.create(author=unconfirmed(long_ago)).author,
    ]
    logged_in, second_address = unconfirmed(long_ago), unconfirmed(long_ago, is_verified=True)
    User.objects.filter(pk=logged_in.pk).update(last_login=NOW)
    EmailAddress.objects.create(user=second_address, email="second@example.org")

    assert retention.drop_unconfirmed(now=NOW)
    assert not retention.drop_unconfirmed(now=NOW)

    left = set(User.objects.values_list("pk", flat=True))
    assert never_used.pk not in left
    assert {person.pk for person in [*kept, logged_in, second_address] if person} <= left


def test_visits_of_old_threads_go() -> None:
    reader = PersonFactory.create()
    old, young = (StoryFactory.create(created_at=NOW - timedelta(days=days)) for days in (366, 364))
    for story in (old, young):
        record_visit(by=reader, story=story, until=NOW, now=NOW)

    assert retention.drop_visits(now=NOW)

    assert list(Visit.objects.values_list("story", flat=True)) == [young.pk]


def test_old_flags_are_forgotten_settled_or_not() -> None:
    person, old = PersonFactory.create(), NOW - timedelta(days=366)
    settled, _, young = (
        flag_story(by=person, story=StoryFactory.create(), reason="spam", now=at) for at in (old, old, NOW)
    )
    Flag.objects.filter(pk__in=[settled.pk, young.pk]).update(settled_at=NOW)

    assert retention.drop_flags(now=NOW)

    assert Flag.objects.get() == young
    assert not retention.drop_flags(now=NOW)


def test_nothing_due_enqueues_nothing() -> None:
    StoryVoteFactory.create()

    retention.forget_some(now=NOW)

    assert not Job.objects.exists()
