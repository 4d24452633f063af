"""Counting anew: what it finds, what it repairs, and that it needs few rows at a time."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.comments.models import Comment
from apps.communities.actions import join_community
from apps.stories.models import Story
from apps.votes import actions
from tests.conftest import CountQueries
from tests.factories import (
    NOW,
    CommentFactory,
    CommentVoteFactory,
    PersonFactory,
    StoryFactory,
    StoryVoteFactory,
    TagFactory,
)

pytestmark = pytest.mark.django_db

WRONG = [
    *[("Community", name, 7) for name in ("num_members",)],
    *[("User", name, 7) for name in ("karma",)],
    *[("Story", name, 7) for name in ("num_comments", "comment_points", "hotness", "controversy")],
    ("Story", "active_at", NOW + timedelta(days=9)),
    *[("Comment", name, 7) for name in ("num_replies", "num_descendants", "confidence", "controversy")],
]


@pytest.fixture
def rows() -> dict[str, Any]:
    """A small site, in order; the rows whose counters are all above zero, by the names of their models."""
    story = StoryFactory.create(tags=(TagFactory.create(hotness_mod=0.5),), base_ups=5, base_flags=2)
    comment = CommentFactory.create(story=story, base_ups=3, base_flags=1)
    CommentFactory.create(parent=CommentFactory.create(parent=comment))
    CommentFactory.create(parent=comment, deleted_at=NOW)
    StoryVoteFactory.create(story=story)
    vote = CommentVoteFactory.create(comment=comment)
    join_community(by=vote.user, community=story.community, now=NOW)
    # What an import brings counts as karma too; the factories leave that to their callers.
    list(actions.recount(repair=True))
    return {"Community": story.community, "Story": story, "Comment": comment, "User": story.author}


def test_a_site_in_order_has_no_drift(rows: dict[str, Any]) -> None:
    assert list(actions.recount(repair=False)) == []


@pytest.mark.parametrize(("model", "field", "value"), WRONG)
def test_each_wrong_counter_is_found_and_repaired(rows: dict[str, Any], model: str, field: str, value: object) -> None:
    row: Any = rows[model]
    row.refresh_from_db()
    right = getattr(row, field)
    type(row).objects.filter(pk=row.pk).update(**{field: value})

    found = list(actions.recount(repair=True))

    row.refresh_from_db()
    assert [(drift.counter, drift.pk) for drift in found] == [(f"{model}.{field}", row.pk)]
    assert getattr(row, field) == right
    assert list(actions.recount(repair=False)) == []


@pytest.mark.parametrize("model", [Story, Comment])
def test_wrong_points_are_repaired_with_all_that_follows(rows: dict[str, Any], model: Any) -> None:
    model.objects.update(ups=40, flags=2, score=38)

    list(actions.recount(repair=True))

    assert list(actions.recount(repair=False)) == []
    assert not model.objects.filter(ups=40).exists()


@pytest.mark.drifts(reason="it is what is looked for")
def test_a_look_changes_nothing(rows: dict[str, Any]) -> None:
    Story.objects.update(num_comments=99)

    list(actions.recount(repair=False))

    assert Story.objects.get().num_comments == 99


@pytest.mark.drifts(reason="it is what is looked for")
def test_every_batch_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "RECOUNTED", 2)
    stories = StoryFactory.create_batch(5)
    Story.objects.update(num_comments=1)

    found = list(actions.recount(repair=False))

    assert [drift.pk for drift in found] == [story.pk for story in stories]


def test_larger_threads_need_no_more_queries(rows: dict[str, Any], count_queries: CountQueries) -> None:
    with count_queries() as few:
        list(actions.recount(repair=False))
    for _ in range(5):
        CommentVoteFactory.create(comment=CommentFactory.create(story=rows["Story"]))

    with count_queries() as many:
        list(actions.recount(repair=False))

    assert len(many) == len(few)


def test_the_command_reports_and_fails_then_repairs_then_is_content() -> None:
    PersonFactory.create(karma=5)
    PersonFactory.create(karma=-2)

    texts = [StringIO() for _ in range(3)]
    with pytest.raises(CommandError, match="recount --repair"):
        call_command("recount", stdout=texts[0], verbosity=2)
    call_command("recount", "--repair", stdout=texts[1])
    call_command("recount", stdout=texts[2])

    assert texts[0].getvalue().count("counted 0") == 2
    assert texts[1].getvalue() == "User.karma: 2 repaired\n"
    assert texts[2].getvalue() == "Every counter is right.\n"
