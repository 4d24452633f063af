"""Acts of people ask as many queries as their docstrings say, purges and jobs among them."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from apps.comments import actions as comments
from apps.moderation.actions import acts
from apps.stories import actions as stories
from apps.stories.actions import Draft
from tests.conftest import CountQueries
from tests.factories import NOW, CommentFactory, ModeratorFactory, PersonFactory, StoryFactory, TagFactory

# What is purged is noted in a job before the commit, and the job dropped after it.
pytestmark = pytest.mark.django_db(transaction=True)
TRANSACTION = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
Act = Callable[..., Any]


@pytest.fixture
def check(count_queries: CountQueries) -> Callable[..., Any]:
    """Do an act, and compare."""

    def doing(act: Act, **given: object) -> Any:
        promise = re.search(r"([0-9]+) queries", act.__doc__ or "")
        with count_queries() as queries:
            result = act(now=NOW, **given)
        asked = [query for query in queries if not query.startswith(TRANSACTION)]
        assert promise is not None
        assert len(asked) == int(promise[1]), asked
        return result

    return doing


def test_story_costs_what_is_said(check: Act) -> None:
    author, community = PersonFactory.create(), StoryFactory.create().community

    check(
        stories.submit_story,
        by=author,
        community=community,
        draft=Draft(title="A question", url="", text="Why?", tags=(TagFactory.create().name,), is_own_work=True),
    )


def test_reply_costs_what_is_said(check: Act) -> None:
    parent = CommentFactory.create()

    check(comments.post_comment, by=PersonFactory.create(), story=parent.story, parent=parent, text="Why?")


def test_acts_of_moderators_cost_what_is_said(check: Act) -> None:
    comment = CommentFactory.create(parent=CommentFactory.create())
    do = partial(check, by=ModeratorFactory.create(), reason="Why.")

    do(acts.remove_comment, comment=comment)
    do(acts.restore_comment, comment=comment)
    for act in (acts.lock_thread, acts.unlock_thread, acts.remove_story, acts.restore_story):
        do(act, story=comment.story)
