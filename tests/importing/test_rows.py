"""Rows written past the ORM arrive as they were, on either database."""

from datetime import timedelta

import pytest

from apps.accounts.models import User
from apps.comments.models import Comment, CommentText
from apps.importing import rows
from apps.stories.models import Story
from tests.factories import NOW, CommentFactory, PersonFactory, StoryFactory

pytestmark = [pytest.mark.django_db, pytest.mark.drifts(reason="rows of any values")]
ODD = ["", "\\N", "\\.", "a\tb", "a\nb", "a\\b", "a\\nb", 'a"b', "a'b", "%s {x}", "naïve 🦎"]


@pytest.mark.parametrize("text", ODD)
def test_a_text_is_stored_as_it_is(text: str) -> None:
    comment = CommentFactory.create()
    CommentText.objects.filter(comment=comment).delete()

    rows.insert(CommentText, ["comment_id", "markdown", "html"], [(comment.pk, text, "")])

    assert CommentText.objects.get(comment=comment).markdown == text


def test_objects_are_stored_with_times_numbers_and_nothing() -> None:
    story = StoryFactory.create()
    (key,) = rows.reserve_keys(Comment, 1)
    comment = Comment(pk=key, story=story, created_at=NOW + timedelta(microseconds=1), confidence=0.1 + 0.2)

    rows.insert_objects([comment])

    stored = Comment.objects.get(pk=key)
    fields = [field.attname for field in Comment._meta.concrete_fields]
    assert [getattr(stored, name) for name in fields] == [getattr(comment, name) for name in fields]


def test_reserved_keys_are_given_to_nobody_else() -> None:
    story = StoryFactory.create()
    keys = rows.reserve_keys(Comment, 3)
    rows.insert_objects([Comment(pk=key, story=story, created_at=NOW) for key in keys])

    assert len(set(keys)) == 3
    assert CommentFactory.create().pk not in keys


def test_only_the_rows_named_change_and_each_by_its_own_values() -> None:
    first, second, third = (StoryFactory.create() for _ in range(3))
    later = NOW + timedelta(hours=1)

    rows.update(Story, ["hotness", "active_at"], [(1.5, later, first.pk), (2.5, NOW, second.pk)])

    found = Story.objects.filter(pk__in=[first.pk, second.pk]).order_by("pk").values_list("hotness", "active_at")
    assert list(found) == [(1.5, later), (2.5, NOW)]
    assert Story.objects.get(pk=third.pk).hotness == third.hotness


def test_differences_are_added_to_what_is_there() -> None:
    person = PersonFactory.create(karma=5)

    rows.add(User, ["karma"], [(-7, person.pk)])

    assert User.objects.get(pk=person.pk).karma == -2


def test_nothing_to_write_is_no_error() -> None:
    rows.insert(User, ["username"], [])
    rows.insert_objects([])
    rows.add(User, ["karma"], [])
    rows.update(User, ["karma"], [])

    assert rows.reserve_keys(User, 0) == []
