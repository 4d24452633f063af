"""Votes on PostgreSQL: one table for Django, sixteen for the database, one of them for each target."""

import pytest
from django.db import IntegrityError, connection, models, transaction

from apps.votes.models import CommentVote, StoryVote
from tests.factories import NOW, CommentFactory, PersonFactory, StoryFactory, StoryVoteFactory

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has partitions"),
    pytest.mark.drifts(reason="rows made and deleted by hand"),
]


def answers(sql: str, *values: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [str(row[0]) for row in cursor.fetchall()]


@pytest.mark.parametrize("model", [StoryVote, CommentVote])
def test_votes_are_split_into_sixteen_tables(model: type[models.Model]) -> None:
    parts = answers("SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = %s::regclass", model._meta.db_table)

    assert len(parts) == 16


@pytest.mark.parametrize(
    ("model", "factory", "target"), [(StoryVote, StoryFactory, "story"), (CommentVote, CommentFactory, "comment")]
)
def test_votes_on_one_target_stand_in_one_part(model: type[models.Model], factory: type, target: str) -> None:
    row = factory.create()  # type: ignore[attr-defined]  # either of two factories
    votes = [
        model._default_manager.create(user=PersonFactory.create(), created_at=NOW, **{target: row}) for _ in range(3)
    ]

    parts = answers(f"SELECT DISTINCT tableoid::regclass FROM {model._meta.db_table}")

    assert len(parts) == 1
    assert len({vote.pk for vote in votes}) == 3


def test_the_database_looks_for_a_persons_vote_in_one_part_only() -> None:
    votes = StoryVote.objects.filter(story=StoryFactory.create(), user=PersonFactory.create())

    plan = votes.explain()

    assert plan.count("Scan") == 1, plan
    assert "votes_storyvote_" in plan


def test_one_vote_a_person_and_target_is_kept_by_the_database() -> None:
    vote = StoryVoteFactory.create()

    with pytest.raises(IntegrityError), transaction.atomic():
        StoryVote.objects.create(user=vote.user, story=vote.story, created_at=NOW)


def test_a_vote_is_found_changed_and_deleted_by_its_id() -> None:
    vote = StoryVoteFactory.create()

    StoryVote.objects.get(pk=vote.pk).save()
    vote.delete()

    assert not StoryVote.objects.exists()


def test_votes_go_with_their_story_and_their_voter() -> None:
    vote = StoryVoteFactory.create()
    other = StoryVoteFactory.create()

    vote.story.delete()
    other.user.delete()

    assert not StoryVote.objects.exists()
