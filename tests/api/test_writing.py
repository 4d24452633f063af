"""Writes by the API: done once, on what was read, and no oftener than allowed."""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from apps.api import actions, limits
from apps.api.models import KeptAnswer
from apps.comments.models import Comment
from apps.stories.models import Story
from apps.votes.actions import cast_story_vote
from tests.api.conftest import Program, send
from tests.concurrency import at_once
from tests.factories import NOW
from tests.pagecache.clocks import Clock
from tests.scene import Scene

DRAFT = {"community": "town", "title": "A new one", "text": "Text.", "tags": ["rust"]}
KEY = {"Idempotency-Key": "0b1f"}


@pytest.fixture(autouse=True)
def minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that does not end, since each has its own count of requests."""
    monkeypatch.setattr(limits, "time", Clock())


@pytest.mark.django_db
def test_a_post_that_is_sent_again_is_done_once_and_answered_alike(mias: Client) -> None:
    before = Story.objects.count()

    first, again = (send(mias, "post", "stories", DRAFT, **KEY) for _ in range(2))

    assert (first.status_code, first.content, first["Location"]) == (
        again.status_code,
        again.content,
        again["Location"],
    )
    assert ("Idempotent-Replayed" in first, again["Idempotent-Replayed"]) == (False, "true")
    assert Story.objects.count() == before + 1


@pytest.mark.django_db
@pytest.mark.parametrize("changed", [{"title": "Another"}, {"is_own_work": True}])
def test_a_key_stands_for_one_request(mias: Client, changed: dict[str, Any]) -> None:
    send(mias, "post", "stories", DRAFT, **KEY)

    answer = send(mias, "post", "stories", DRAFT | changed, **KEY)

    assert (answer.status_code, answer.json()["code"]) == (422, "key-used-otherwise")


@pytest.mark.django_db
def test_a_key_of_somebody_else_is_another_key(scene: Scene, mias: Client, program: Program) -> None:
    path = f"stories/{scene.story.pk}/comments"

    answers = [send(client, "post", path, {"text": "Hi."}, **KEY) for client in (mias, program(scene.stranger))]

    assert [answer.json()["author"] for answer in answers] == ["mia", "sam"]


@pytest.mark.django_db
def test_what_was_refused_may_be_tried_again_with_the_same_key(mias: Client) -> None:
    refused = send(mias, "post", "stories", DRAFT | {"tags": ["nothing"]}, **KEY)

    assert (refused.status_code, KeptAnswer.objects.count()) == (400, 0)
    assert send(mias, "post", "stories", DRAFT, **KEY).status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["x" * 201, "a\u0007b", "", "a b", "\u00e9"])
def test_a_key_that_is_no_key_is_refused(mias: Client, key: str) -> None:
    assert send(mias, "post", "stories", DRAFT, **{"Idempotency-Key": key}).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_of_twins_sent_at_once_one_is_done(scene: Scene, program: Program) -> None:
    path = f"/api/v1/stories/{scene.story.pk}/comments"
    client, body = program(scene.member), json.dumps({"text": "Only once."})

    def post() -> Any:
        return client.post(path, body, content_type="application/json", headers=KEY)

    answers = at_once([post] * 4)

    # Whoever waits too long for the first is told to come again.
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert Comment.objects.filter(body__markdown="Only once.").count() == 1


@pytest.mark.django_db
def test_answers_are_forgotten_after_a_day(mias: Client) -> None:
    send(mias, "post", "stories", DRAFT, **KEY)
    kept = KeptAnswer.objects.get()

    actions.forget_answers(now=kept.created_at + actions.ANSWERS_KEPT)
    just_kept = KeptAnswer.objects.count()
    actions.forget_answers(now=kept.created_at + 2 * actions.ANSWERS_KEPT)

    assert (just_kept, KeptAnswer.objects.count()) == (1, 0)


@pytest.mark.django_db
def test_what_has_just_been_submitted_leads_to_the_story(scene: Scene, mias: Client, program: Program) -> None:
    link = {"url": "https://example.net/page"}
    first = send(mias, "post", "stories", DRAFT | link)

    answer = send(program(scene.stranger), "post", "stories", DRAFT | link | {"title": "The same page"})

    told = answer.json()
    assert (answer.status_code, told["code"]) == (409, "duplicate")
    assert (told["story"], told["page"]) == (first.json()["id"], first.json()["page"])


@pytest.mark.django_db
def test_an_edit_of_what_has_been_changed_meanwhile_is_refused(scene: Scene, mias: Client) -> None:
    path = f"stories/{scene.story.pk}"
    read = send(mias, "get", path)["ETag"]

    first = send(mias, "patch", path, {"title": "First"}, **{"If-Match": read})
    second = send(mias, "patch", path, {"title": "Second"}, **{"If-Match": read})
    third = send(mias, "patch", path, {"title": "Third"}, **{"If-Match": first["ETag"]})

    assert [answer.status_code for answer in (first, second, third)] == [200, 412, 200]
    assert second.json()["code"] == "changed-meanwhile"


@pytest.mark.django_db
@pytest.mark.parametrize("match", ["{}", "W/{}", '"x", {}', "*"])
def test_votes_in_between_do_not_hinder_an_edit(scene: Scene, mias: Client, match: str) -> None:
    path = f"stories/{scene.story.pk}"
    read = send(mias, "get", path)["ETag"]

    cast_story_vote(by=scene.stranger, story=scene.story, now=scene.story.created_at)
    answer = send(mias, "patch", path, {"title": "Better"}, **{"If-Match": match.format(read)})

    assert (answer.status_code, answer.json()["tags"]) == (200, ["django", "rust"])


@pytest.mark.django_db
def test_a_comment_is_edited_and_deleted_only_as_it_was_read(scene: Scene, program: Program) -> None:
    sams, path = program(scene.stranger), f"comments/{scene.comment.pk}"
    read = send(sams, "get", path)["ETag"]

    edited = send(sams, "patch", path, {"text": "New."}, **{"If-Match": read})
    refused = send(sams, "delete", path, **{"If-Match": read})
    deleted = send(sams, "delete", path, **{"If-Match": edited["ETag"]})

    assert [answer.status_code for answer in (edited, refused, deleted)] == [200, 412, 204]


@pytest.mark.django_db
def test_a_text_is_seen_before_it_is_sent(scene: Scene, mias: Client) -> None:
    text = "For *whom*, @sam? <script>alert(1)</script>"

    seen = send(mias, "post", "markdown", {"text": text})
    sent = send(mias, "post", f"stories/{scene.story.pk}/comments", {"text": text})

    assert seen.json()["html"] == sent.json()["html"]
    assert send(mias, "post", "markdown", {"text": ""}).json() == {"html": ""}
    for wrong in ({}, {"text": None}, {"text": 1}, {"text": "a" * 40_001}, {"markdown": "a"}):
        assert send(mias, "post", "markdown", wrong).status_code == 400


@pytest.mark.django_db
def test_what_is_read_again_unchanged_is_not_sent_again(scene: Scene, mias: Client, client: Client) -> None:
    for reader in (mias, client):
        first = send(reader, "get", "stories")
        for known in (first["ETag"], f'"other", W/{first["ETag"].removeprefix("W/")}', "*"):
            again = send(reader, "get", "stories", **{"If-None-Match": known})
            assert (again.status_code, again.content) == (304, b"")


@pytest.mark.django_db
def test_whoever_asks_too_often_waits(scene: Scene, mias: Client, settings: Settings) -> None:
    settings.API_READS_PER_MINUTE = 2

    answers = [send(mias, "get", "me") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[1]["RateLimit-Policy"] == '"read";q=2;w=60'
    assert all(answer["RateLimit"].startswith('"read";r=0;t=') for answer in answers[1:])
    assert 0 < int(answers[2]["Retry-After"]) <= 60


@pytest.mark.django_db
def test_writes_have_a_limit_of_their_own_and_so_has_each_token(
    scene: Scene, mias: Client, program: Program, settings: Settings
) -> None:
    settings.API_WRITES_PER_MINUTE = 1

    writes = [send(mias, "put", "tags/rust/mute").status_code for _ in range(2)]
    other = send(program(scene.member), "put", "tags/rust/mute").status_code

    assert (writes, other, send(mias, "get", "me").status_code) == ([204, 429], 204, 200)


@pytest.mark.django_db
def test_visitors_of_one_address_share_a_limit_but_for_what_is_kept(
    scene: Scene, client: Client, settings: Settings
) -> None:
    settings.API_READS_PER_MINUTE = 2

    kept = [send(client, "get", "stories").status_code for _ in range(5)]
    new = [send(client, "get", path).status_code for path in ("tags", "people")]
    elsewhere = client.get("/api/v1/people", REMOTE_ADDR="203.0.113.9").status_code

    assert (kept, new, elsewhere) == ([200] * 5, [200, 429], 200)


@pytest.mark.django_db
def test_a_visitor_who_is_refused_has_asked_once(scene: Scene, client: Client, settings: Settings) -> None:
    settings.API_READS_PER_MINUTE = 4

    refused = [send(client, "get", f"stories?order=none{number}") for number in range(5)]

    assert [answer.status_code for answer in refused] == [400] * 4 + [429]
    assert [answer["RateLimit"][:10] for answer in refused] == [f'"read";r={left}' for left in (3, 2, 1, 0, 0)]


@pytest.mark.django_db
def test_a_banned_person_reads_on(scene: Scene, mias: Client) -> None:
    scene.member.banned_until = NOW.replace(year=2100)
    scene.member.save(update_fields=["banned_until"])

    read, written = send(mias, "get", "me"), send(mias, "post", "stories", DRAFT)

    assert (read.status_code, written.status_code, written.json()["code"]) == (200, 403, "banned")


@pytest.mark.django_db
@pytest.mark.parametrize("what", ["stories", "comments"])
def test_what_is_deleted_already_may_be_deleted_again(scene: Scene, mias: Client, program: Program, what: str) -> None:
    path = f"{what}/{(scene.story if what == 'stories' else scene.reply).pk}"

    statuses = [send(mias, "delete", path).status_code for _ in range(2)]

    assert statuses == [204, 204]
    assert send(program(scene.stranger), "delete", path).status_code == 403


@pytest.mark.django_db
def test_how_one_is_told_is_changed_in_parts(scene: Scene, mias: Client) -> None:
    before = send(mias, "get", "me/preferences").json()

    changed = send(mias, "patch", "me/preferences", {"digest": "weekly", "reply": "off"})
    refused = send(mias, "patch", "me/preferences", {"reply": "pigeon"})

    assert changed.json() == before | {"digest": "weekly", "reply": "off"} == send(mias, "get", "me/preferences").json()
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["reply"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "changes"),
    [("me", [{"about": "One"}, {"about": "Two"}]), ("me/preferences", [{"reply": "off"}, {"reply": "mail"}])],
)
def test_what_is_one_s_own_is_not_changed_by_who_saw_an_older_state(
    scene: Scene, mias: Client, path: str, changes: list[dict[str, str]]
) -> None:
    seen = send(mias, "get", path)["ETag"]

    answers = [send(mias, "patch", path, change, **{"If-Match": seen}) for change in changes]
    after = send(mias, "get", path)
    again = send(mias, "patch", path, changes[1], **{"If-Match": after["ETag"]})

    assert [answer.status_code for answer in answers] == [200, 412]
    assert after.json() == answers[0].json()
    assert (again.status_code, after["ETag"]) == (200, answers[0]["ETag"])


@pytest.mark.django_db
def test_what_one_watches_is_told(scene: Scene, mias: Client) -> None:
    for path in ("people/sam/watch", "tags/rust/watch"):
        send(mias, "put", path)

    assert send(mias, "get", "me/watches").json() == {"people": ["sam"], "tags": ["rust"]}
