"""Flags by the API: raised, taken back, read, dismissed."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.communities.actions import appoint_moderator
from apps.moderation.actions import flags
from apps.moderation.models import Flag, LogEntry
from apps.personal.actions.erasure import erase_account
from tests.api.conftest import Program, send
from tests.conftest import CountQueries
from tests.factories import PersonFactory, StoryFactory
from tests.scene import Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def moderators(scene: Scene, program: Program) -> Client:
    return program(scene.moderator)


def test_a_flag_reaches_the_moderators_without_a_name(scene: Scene, mias: Client, moderators: Client) -> None:
    path = f"comments/{scene.comment.pk}/flag"

    statuses = [send(mias, "put", path, {"reason": "unkind", "note": "No."}).status_code for _ in range(2)]
    answer = moderators.get("/api/v1/flags")

    assert statuses == [204, 204]
    [found] = answer.json()["items"]
    assert (found["story"], found["comment"], found["author"]) == (scene.story.pk, scene.comment.pk, "sam")
    assert (found["num_flags"], found["reasons"], found["notes"]) == (1, {"unkind": 1}, ["No."])
    assert "mia" not in answer.content.decode()


def test_who_is_erased_has_no_name(scene: Scene, mias: Client, moderators: Client) -> None:
    send(mias, "put", f"comments/{scene.comment.pk}/flag", {"reason": "spam"})
    send(moderators, "post", "log", {"act": "ban-person", "person": "sam", "days": 1, "reason": "Spam."})
    sam, moderator = User.objects.get(username="sam"), scene.moderator
    PersonFactory.create(is_superuser=True)

    erase_account(by=sam, with_texts=False, now=timezone.now())
    [flagged] = moderators.get("/api/v1/flags").json()["items"]
    erase_account(by=moderator, with_texts=False, now=timezone.now())
    entry = mias.get("/api/v1/log").json()["items"][0]

    assert flagged["author"] is None
    assert (entry["act"], entry["moderator"], entry["person"]) == ("ban-person", None, None)


def test_ones_own_flags_are_listed_until_they_are_taken_back(scene: Scene, mias: Client) -> None:
    path = f"comments/{scene.comment.pk}/flag"
    send(mias, "put", path, {"reason": "spam"})
    [own] = mias.get("/api/v1/me/flags").json()["items"]

    statuses = [send(mias, "delete", path).status_code for _ in range(2)]

    assert (own["comment"], own["story"], own["reason"], own["settled_at"]) == (scene.comment.pk, None, "spam", None)
    assert statuses == [204, 204]
    assert mias.get("/api/v1/me/flags").json()["items"] == []


@pytest.mark.parametrize(
    "body",
    [
        *({}, {"reason": "Spam"}, {"reason": None}, {"reason": ["spam"]}, {"reason": "spam", "note": 1}),
        *({"reason": "other"}, {"reason": "other", "note": " \u202e"}, {"reason": "spam", "note": "x" * 201}),
        *({"reason": "spam", "user": "mia"}, {"reason": "spam", "settled_at": "2026-01-01T00:00:00Z"}),
    ],
)
def test_a_flag_that_is_none_is_refused(scene: Scene, mias: Client, body: dict[str, Any]) -> None:
    answer = send(mias, "put", f"comments/{scene.comment.pk}/flag", body)

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert not Flag.objects.exists()


def test_more_than_ones_share_says_how_long_to_wait(
    scene: Scene, mias: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flags, "FLAGS_A_DAY", 1)
    other = StoryFactory.create()
    send(mias, "put", f"comments/{scene.comment.pk}/flag", {"reason": "spam"})

    answer = send(mias, "put", f"stories/{other.pk}/flag", {"reason": "spam"})

    assert (answer.status_code, answer.json()["code"]) == (429, "flags-spent")
    assert 86_000 < int(answer["Retry-After"]) <= 86_401


def test_dismissing_settles_what_is_flagged_and_is_in_no_log(scene: Scene, mias: Client, moderators: Client) -> None:
    send(mias, "put", f"comments/{scene.comment.pk}/flag", {"reason": "spam"})
    entries = LogEntry.objects.count()

    statuses = [send(moderators, "delete", f"comments/{scene.comment.pk}/flags").status_code for _ in range(2)]

    assert statuses == [204, 204]
    assert moderators.get("/api/v1/flags").json()["items"] == []
    assert mias.get("/api/v1/me/flags").json()["items"][0]["settled_at"]
    assert LogEntry.objects.count() == entries


def test_a_communitys_moderator_reads_what_is_flagged_there(
    scene: Scene, program: Program, count_queries: CountQueries
) -> None:
    person, now = PersonFactory.create(), timezone.now()
    elsewhere = StoryFactory.create(community__slug="side")
    for story in (scene.story, elsewhere):
        flags.flag_story(by=scene.stranger, story=story, reason="spam", now=now)
    appoint_moderator(person=person, community=elsewhere.community, now=now)
    client = program(person)
    client.get("/api/v1/flags")

    with count_queries() as queries:
        items = client.get("/api/v1/flags").json()["items"]

    assert [found["story"] for found in items] == [elsewhere.pk]
    # The token, whether there is something to moderate, and three of the list.
    assert len(queries) == 5, queries
