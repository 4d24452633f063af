"""`manage.py rebuild_search`: the whole index anew, in steps that can be stopped, beside people who write."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Model

from apps.comments.models import CommentText
from apps.search import actions
from apps.search.models import Document
from apps.stories.models import Story
from tests.factories import CommentFactory, StoryFactory
from tests.search.indexing import documents, found

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("each_engine")]


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "STEP", 2)


def rebuild(*arguments: str) -> None:
    call_command("rebuild_search", *arguments, stderr=StringIO())


def rebuild_from(kind: str, first: Model) -> None:
    """Not from the first id that ever was: after tests of imports that is a hundred thousand small steps away."""
    rebuild("--kind", kind, "--after", str(first.pk - 1))


@pytest.mark.drifts(reason="rows lost without an action")
def test_everything_is_found_afterwards_and_what_is_gone_is_not() -> None:
    comments = [CommentFactory.create(text="A wave.") for _ in range(5)]
    rebuild_from("comment", comments[0])
    CommentText.objects.filter(comment=comments[0]).update(html="<p>A tide.</p>")
    comments[1].delete()
    comments[4].delete()

    rebuild_from("comment", comments[0])

    assert found("tide") == [("comment", comments[0].pk)]
    assert len(found("wave")) == 2
    assert Document.objects.filter(kind="comment").count() == 3


def test_a_stopped_rebuild_says_where_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    stories = [StoryFactory.create() for _ in range(5)]
    step, calls = actions.index_step, []

    def stopped(**which: object) -> int:
        calls.append(which)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return step(kind="story", after=stories[0].pk - 1, last=stories[-1].pk)

    monkeypatch.setattr(actions, "index_step", stopped)
    with pytest.raises(CommandError) as stop:
        rebuild("--kind", "story", "--after", str(stories[0].pk - 1))
    monkeypatch.setattr(actions, "index_step", step)

    assert str(stop.value) == f"Stopped. To go on: manage.py rebuild_search --kind story --after {stories[1].pk}"
    rebuild("--kind", "story", "--after", str(stories[1].pk))
    assert documents() == {("story", story.pk) for story in stories}


def test_what_is_written_meanwhile_is_found_too(monkeypatch: pytest.MonkeyPatch) -> None:
    first = StoryFactory.create(title="First wave")
    step = actions.index_step
    late: list[Story] = []

    def beside(**which: int | str) -> int:
        reached = step(**which)  # type: ignore[arg-type]  # as it was called
        if not late:
            late.append(StoryFactory.create(title="Late wave"))
            actions.index(kind="story", pk=late[0].pk)
            first.title = "Changed"
            first.save()
            actions.index(kind="story", pk=first.pk)
        return reached

    monkeypatch.setattr(actions, "index_step", beside)

    rebuild_from("story", first)

    assert found("wave") == [("story", late[0].pk)]
    assert found("changed") == [("story", first.pk)]


def test_without_a_wish_all_kinds_are_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "STEP", 2_000)
    comment = CommentFactory.create()

    rebuild()

    people = {comment.author_id, comment.story.author_id}
    kept = {("comment", comment.pk), ("story", comment.story_id), *(("person", pk) for pk in people)}
    assert documents() == kept


def test_an_empty_site_has_an_empty_index() -> None:
    rebuild()

    assert documents() == set()
