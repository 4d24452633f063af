"""Questions whose SQL is made once."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import router
from django.db.models import Model, QuerySet, Value

from apps.core.prepared import prepared
from apps.stories.actions import save_story
from apps.stories.models import SavedStory
from tests.conftest import CountQueries
from tests.factories import NOW, PersonFactory, StoryFactory

pytestmark = pytest.mark.django_db


class Saved:
    """What a person has saved, with a word; counts how often the query is made."""

    def __init__(self) -> None:
        self.num_made = 0

    def __call__(self, user_id: int, story_ids: Sequence[int]) -> QuerySet[Any, Any]:
        self.num_made += 1
        saved = SavedStory.objects.filter(user=user_id, story__in=story_ids).values_list("story_id", Value("100 %"))
        return saved.union(saved.filter(user__gt=user_id), all=True)


@pytest.fixture
def saved() -> Saved:
    return Saved()


def test_each_person_and_each_ids_get_their_own_answer(saved: Saved, count_queries: CountQueries) -> None:
    stories = [StoryFactory.create() for _ in range(3)]
    people = [PersonFactory.create() for _ in range(2)]
    for person, story in zip(people, stories, strict=False):
        save_story(by=person, story=story, now=NOW)
    ids = [story.pk for story in stories]
    ask = prepared(saved)

    with count_queries() as queries:
        answers = [ask(person.pk, some) for person in people for some in (ids, ids[::-1], ids[:2], ids[1:])]

    first, second = (ids[0], "100 %"), (ids[1], "100 %")
    assert answers == [[first], [first], [first], [], [second], [second], [second], [second]]
    assert (len(queries), saved.num_made) == (8, 2)


def test_the_same_id_twice_is_no_other_question(saved: Saved) -> None:
    story = StoryFactory.create()
    save_story(by=(person := PersonFactory.create()), story=story, now=NOW)

    assert prepared(saved)(person.pk, [story.pk, story.pk]) == [(story.pk, "100 %")]


def test_about_nothing_nothing_is_asked(saved: Saved, count_queries: CountQueries) -> None:
    with count_queries() as queries:
        assert prepared(saved)(1, []) == []

    assert queries == []


def test_the_router_says_which_server_answers(saved: Saved, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[type[Model]] = []

    def choose(model: type[Model], **hints: Any) -> str:
        asked.append(model)
        return "default"

    monkeypatch.setattr(router, "db_for_read", choose)
    prepared(saved)(1, [2])

    assert asked == [SavedStory]
