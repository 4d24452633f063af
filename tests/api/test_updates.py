"""Following the site by what has changed."""

import time
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client

from apps.changes import actions, queries
from apps.changes.models import Change
from apps.comments.actions import post_comment
from apps.core.cursors import BadCursor
from apps.moderation.actions.acts import remove_story
from apps.pagecache import memory
from apps.stories.actions import delete_story
from tests.api.conftest import send
from tests.concurrency import at_once
from tests.factories import NOW, ModeratorFactory, PersonFactory, StoryFactory

# Longer than any test in one transaction takes: what other tests write to the same server holds back what is told here.
PATIENCE_SECONDS = 300
PAUSE_SECONDS = 0.05

POSTGRESQL_ONLY = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="on SQLite one writes at a time")


def follow(place: str) -> tuple[list[tuple[str, int]], str]:
    """All changes since then, and the place after them."""
    found: list[tuple[str, int]] = []
    while True:
        news = queries.since(place, now=NOW)
        found += news.changed
        place = news.place
        if not news.has_more:
            return found, place


def heard(place: str, last: int) -> tuple[list[tuple[str, int]], str]:
    """All changes until one of the comment `last`, and the place after them."""
    found: list[tuple[str, int]] = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while ("comment", last) not in found and time.monotonic() < deadline:
        more, place = follow(place)
        found += more
        time.sleep(PAUSE_SECONDS)
    return found, place


@pytest.mark.django_db(transaction=True)
def test_a_program_hears_of_what_happens_after_it_came(client: Client) -> None:
    author = PersonFactory.create()
    story = StoryFactory.create(author=author)
    start = send(client, "get", "updates").json()

    comment = post_comment(by=ModeratorFactory.create(), story=story, text="Hi.", now=NOW)
    then = follow_link(client, start["next"])
    delete_story(by=author, story=story, now=NOW)
    last = follow_link(client, then["next"])

    assert (start["items"], start["has_more"]) == ([], False)
    assert then["items"] == [{"kind": "comment", "id": comment.pk}]
    assert last["items"] == [{"kind": "story", "id": story.pk}]


def follow_link(client: Client, address: str) -> Any:
    """The next news that there are."""
    parts = urlsplit(address)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        # As a member of nothing would: what is kept is a minute old at most.
        cache.clear()
        memory.clear()
        found = client.get(f"{parts.path}?{parts.query}").json()
        if found["items"] or time.monotonic() > deadline:
            return found
        time.sleep(PAUSE_SECONDS)


@pytest.mark.django_db(transaction=True)
def test_what_changed_twice_is_told_once_and_long_news_come_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 3)
    place = queries.latest(now=NOW)
    story, moderator = StoryFactory.create(), ModeratorFactory.create()
    remove_story(by=moderator, story=story, reason="Why.", now=NOW)
    actions.note("story", story.pk, NOW)
    for key in range(1, 6):
        actions.note("comment", key, NOW)

    heard(place, 5)
    found, _ = follow(place)
    first = queries.since(place, now=NOW)

    assert (first.changed, first.has_more) == ([("story", story.pk), ("comment", 1)], True)
    assert found == [("story", story.pk), *(("comment", key) for key in range(1, 6))]


@pytest.mark.django_db
def test_what_a_transaction_takes_back_is_never_told() -> None:
    place = queries.latest(now=NOW)

    with transaction.atomic():
        actions.note("story", 1, NOW)
        transaction.set_rollback(True)

    assert follow(place)[0] == []


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["", "x", "1~2", "1~2~x", "-1~2~3", f"{2**63}~1~1", "1~2~3~4", "1~\u0663~3"])
def test_a_place_that_cannot_be_is_refused(client: Client, place: str) -> None:
    with pytest.raises(BadCursor):
        queries.since(place, now=NOW)


@pytest.mark.django_db
def test_whoever_comes_back_after_a_week_is_told_to_begin_anew(client: Client) -> None:
    place = queries.latest(now=NOW - timedelta(days=8))

    answer = client.get("/api/v1/updates", {"since": place})

    assert (answer.status_code, answer.json()["code"]) == (410, "too-long-ago")


@pytest.mark.django_db(transaction=True)
def test_whoever_followed_another_server_is_told_to_begin_anew() -> None:
    actions.note("comment", 1, NOW)
    place = f"{2**62}~1~{NOW.timestamp() - 3600:.0f}"

    heard(f"0~0~{NOW.timestamp():.0f}", 1)

    with pytest.raises(queries.TooLongAgo):
        queries.since(place, now=NOW)


@pytest.mark.django_db
def test_changes_are_forgotten_after_a_week() -> None:
    actions.note("story", 1, NOW - timedelta(days=8))
    actions.note("story", 2, NOW - timedelta(days=6))

    actions.forget_old(now=NOW)

    assert [change.key for change in Change.objects.all()] == [2]


@POSTGRESQL_ONLY
@pytest.mark.django_db(transaction=True)
def test_what_is_committed_late_is_not_skipped() -> None:
    place = queries.latest(now=NOW)
    seen: list[list[tuple[str, int]]] = []

    def second_writer() -> None:
        """Begins later and is done sooner; then a reader looks."""
        actions.note("comment", 2, NOW)
        seen.append(follow(place)[0])

    with transaction.atomic():
        actions.note("comment", 1, NOW)
        at_once([second_writer])
    found, after = heard(place, 2)

    assert seen == [[]]
    assert found == [("comment", 1), ("comment", 2)]
    assert follow(after)[0] == []


@POSTGRESQL_ONLY
@pytest.mark.django_db(transaction=True)
def test_of_many_writers_at_once_every_change_is_told_once_and_in_one_order() -> None:
    place = queries.latest(now=NOW)
    told: list[tuple[str, int]] = []

    def write(first: int) -> None:
        for key in range(first, first + 20):
            with transaction.atomic():
                # Some write first and get their place later, and the other way round.
                actions.note("comment", key, NOW)
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(0.001)")
                actions.note("comment", key + 1000, NOW)

    def read() -> None:
        nonlocal place
        while len(told) < 120:
            found, place = follow(place)
            told.extend(found)
            time.sleep(PAUSE_SECONDS)

    at_once([lambda first=first: write(first) for first in (0, 100, 200)] + [read])

    assert len(told) == len(set(told)) == 120
