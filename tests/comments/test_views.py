"""Threads and comments over HTTP."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.comments.actions import record_visit
from apps.comments.models import TEXT_LENGTH, Comment, Visit
from tests.comments.forest import grow
from tests.conftest import CountQueries
from tests.factories import CommentFactory, PersonFactory, StoryFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
HOSTILE = "<img src=x onerror=alert(1)> <script>alert(1)</script> [x](javascript:alert(1)) {{ 7*7 }} \u202e"


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.mark.parametrize("size", [10, 3000])
def test_a_visitors_thread_page_needs_at_most_six_queries(
    client: Client, count_queries: CountQueries, size: int
) -> None:
    story = StoryFactory.create()
    grow(story, PersonFactory.create(), size)

    with count_queries() as queries:
        page = client.get(story.get_absolute_url())

    assert page.status_code == 200
    assert len(queries) <= 6, queries


def test_a_comments_page_has_a_constant_number_of_queries(client: Client, count_queries: CountQueries) -> None:
    made = []
    for size in (30, 600):
        root = grow(StoryFactory.create(), PersonFactory.create(), size, roots=0.0)[0]
        with count_queries() as queries:
            assert client.get(root.get_absolute_url()).status_code == 200
        made.append(len(queries))

    assert made[0] == made[1] <= 7


def test_a_members_thread_page_asks_once_for_each_kind_of_slot(client: Client, count_queries: CountQueries) -> None:
    client.force_login(PersonFactory.create())
    made = []
    for size in (10, 600):
        story = StoryFactory.create()
        grow(story, PersonFactory.create(), size)
        client.get(story.get_absolute_url())
        with count_queries() as queries:
            client.get(story.get_absolute_url())
        made.append(len(queries))

    assert made[0] == made[1]


@pytest.mark.parametrize("order", ["best", "top", "newest", "oldest", "controversial", "no-such-order", "", "'"])
def test_every_order_opens(client: Client, order: str) -> None:
    comment = CommentFactory.create(text="Words.")

    page = client.get(comment.story.get_absolute_url(), {"order": order})

    assert "Words." in page.content.decode()


@pytest.mark.parametrize("place", ["x", "1~", "nan~1", "inf~1", "1~-5x", "~", "1~" + "9" * 50, "\x00~1"])
def test_damaged_addresses_are_refused(client: Client, place: str) -> None:
    story = StoryFactory.create()

    assert client.get(story.get_absolute_url(), {"after": place}).status_code == 400


def test_an_old_title_in_the_address_leads_to_the_present_one(client: Client) -> None:
    story = StoryFactory.create()

    answer = client.get(reverse("comments:thread", args=[story.pk, "another-title"]))

    assert (answer.status_code, answer["Location"]) == (301, story.get_absolute_url())


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_member_comments_and_is_led_to_it(client: Client, now: datetime, headers: dict[str, str]) -> None:
    story = StoryFactory.create(created_at=now)
    client.force_login(PersonFactory.create())

    answer = client.post(reverse("comments:post", args=[story.pk]), {"text": HOSTILE}, headers=headers)

    comment = Comment.objects.get()
    assert answer.status_code == (200 if headers else 302)
    page = client.get(comment.get_absolute_url()).content.decode()
    assert "{{ 7*7 }}" in page
    assert "<img src=x" not in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("text", ["", "   ", "x" * (TEXT_LENGTH + 1)])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_refused_comment_is_given_back(client: Client, now: datetime, text: str, headers: dict[str, str]) -> None:
    story = StoryFactory.create(created_at=now)
    client.force_login(PersonFactory.create())

    answer = client.post(reverse("comments:post", args=[story.pk]), {"text": text}, headers=headers)

    assert answer.status_code == 422
    assert text.strip() in answer.content.decode()
    assert not Comment.objects.exists()


def test_a_comment_on_a_thread_that_was_locked_meanwhile_is_given_back(client: Client, now: datetime) -> None:
    story = StoryFactory.create(created_at=now, locked_at=now)
    client.force_login(PersonFactory.create())

    answer = client.post(reverse("comments:post", args=[story.pk]), {"text": "A long thought."})

    assert answer.status_code == 422
    assert "A long thought." in answer.content.decode()


def test_what_a_visitor_typed_is_given_back(client: Client) -> None:
    story = StoryFactory.create()

    answer = client.post(reverse("comments:post", args=[story.pk]), {"text": "Typed before logging in."})

    assert answer.status_code == 403
    assert "Typed before logging in." in answer.content.decode()


def test_replying_editing_and_deleting_work_by_plain_forms(client: Client, now: datetime) -> None:
    parent = CommentFactory.create(story=StoryFactory.create(created_at=now))
    client.force_login(PersonFactory.create())

    def steps(name: str, pk: int, **typed: Any) -> list[int]:
        address = reverse(f"comments:{name}", args=[pk])
        return [client.get(address).status_code, client.post(address, typed).status_code]

    replied = steps("reply", parent.pk, text="An answer.")
    reply = Comment.objects.get(parent=parent)
    edited = steps("edit", reply.pk, text="A better answer.")
    emptied = client.post(reverse("comments:edit", args=[reply.pk]), {"text": " "}).status_code
    deleted = steps("deletion", reply.pk)

    reply.refresh_from_db()
    assert replied == edited == deleted == [200, 302]
    assert emptied == 422
    assert (reply.edited_at is None, reply.deleted_at is None) == (False, False)


def test_nobody_edits_or_deletes_for_another(client: Client, now: datetime) -> None:
    comment = CommentFactory.create(story=StoryFactory.create(created_at=now))
    client.force_login(PersonFactory.create())

    for name in ("edit", "deletion"):
        assert client.post(reverse(f"comments:{name}", args=[comment.pk]), {"text": "Mine."}).status_code == 403


@pytest.mark.parametrize("until", ["", "yesterday", "2026-03-01", "2026-03-01T12:00:00", "2026-99-99T00:00:00Z"])
def test_a_visit_until_no_time_at_all_is_refused(client: Client, until: str) -> None:
    story = StoryFactory.create()
    client.force_login(PersonFactory.create())

    assert client.post(reverse("comments:visit", args=[story.pk]), {"until": until}).status_code == 400


def test_a_visit_is_never_in_the_future(client: Client, now: datetime) -> None:
    story = StoryFactory.create()
    client.force_login(PersonFactory.create())
    until = (now + timedelta(days=9)).isoformat()

    answer = client.post(reverse("comments:visit", args=[story.pk]), {"until": until}, headers=HTMX)

    assert answer.status_code == 204
    assert Visit.objects.get().visited_at <= timezone.now()


@pytest.mark.parametrize("name", ["comment", "reply", "edit", "deletion"])
def test_there_is_no_page_for_a_comment_that_never_was(client: Client, name: str) -> None:
    client.force_login(PersonFactory.create())

    for pk in (99, 10**30):
        assert client.get(reverse(f"comments:{name}", args=[pk])).status_code == 404


def test_a_comment_in_the_second_of_the_last_visit_is_unread(client: Client, now: datetime) -> None:
    seen = now.replace(microsecond=100_000)
    comment = CommentFactory.create(created_at=seen.replace(microsecond=900_000))
    client.force_login(member := PersonFactory.create())
    record_visit(by=member, story=comment.story, until=seen, now=seen)

    page = client.get(comment.story.get_absolute_url())

    assert "data-unread" in page.content.decode()
