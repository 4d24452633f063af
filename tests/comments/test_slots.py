"""What members see beside comments."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.utils import timezone

from apps.accounts.models import User
from apps.comments import actions, slots
from apps.comments.models import EDIT_WINDOW, Comment
from tests.conftest import CountQueries
from tests.factories import NOW, CommentFactory, PersonFactory, StoryFactory

pytestmark = pytest.mark.django_db
SEEN = NOW + timedelta(minutes=30)


def unread(viewer: User | AnonymousUser, comments: list[Comment]) -> list[str]:
    request = RequestFactory().get("/")
    request.user = viewer
    return list(slots.unread(request, [(c.story_id, c.pk, c.author_id, c.created_at.timestamp()) for c in comments]))


def after_visit(viewer: User, minutes: list[int], **changes: object) -> list[Comment]:
    """Comments on one story, so many minutes after the viewer has read it."""
    story = StoryFactory.create()
    actions.record_visit(by=viewer, story=story, until=SEEN, now=SEEN)
    return [
        CommentFactory.create(story=story, created_at=SEEN + timedelta(minutes=minute), **changes) for minute in minutes
    ]


def test_comments_since_the_last_visit_lead_from_one_to_the_next() -> None:
    member = PersonFactory.create()
    comments = after_visit(member, [1, -5, 2, 3])

    first, old, second, last = unread(member, comments)

    assert f"#c{comments[2].pk}" in first
    assert old == ""
    assert f"#c{comments[3].pk}" in second
    assert "href" not in last
    assert "new" in last


def test_ones_own_comments_are_never_unread() -> None:
    member = PersonFactory.create()

    assert unread(member, after_visit(member, [1], author=member)) == [""]


def test_nothing_is_unread_on_a_first_visit_nor_for_visitors(count_queries: CountQueries) -> None:
    comments = CommentFactory.create_batch(2, story=StoryFactory.create())

    with count_queries() as queries:
        for viewer in (PersonFactory.create(), AnonymousUser()):
            assert unread(viewer, comments) == ["", ""]

    assert len([query for query in queries if "comments_visit" in query]) == 1


def test_a_comment_of_an_erased_person_can_be_unread() -> None:
    member = PersonFactory.create()

    assert unread(member, after_visit(member, [1], author=None)) != [""]


@pytest.mark.parametrize(("age", "is_editable"), [(timedelta(0), True), (EDIT_WINDOW, False)])
def test_authors_have_tools_and_may_edit_for_six_hours(age: timedelta, is_editable: bool) -> None:
    request = RequestFactory().get("/")
    request.user = author = PersonFactory.create()
    written_at = timezone.now() - age

    own, other, erased = slots.comment_tools(
        request, [(1, author.pk, written_at.timestamp()), (2, author.pk + 1, 0.0), (3, None, 0.0)]
    )

    assert ("/comments/1/edit" in own) == is_editable
    assert "/comments/1/deletion" in own
    assert other == erased == ""
