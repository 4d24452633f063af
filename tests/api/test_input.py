"""What the API refuses to read: each with a sentence, and nothing written."""

import json
from typing import Any

import pytest
from django.test import Client

from apps.stories.models import Story
from tests.api.conftest import Program, send
from tests.scene import Scene

pytestmark = pytest.mark.django_db

GOOD = {"community": "town", "title": "A new one", "text": "Text.", "tags": ["rust"]}

BODIES = {
    "empty": b"",
    "no JSON": b"{",
    "a word": b"hello",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "not UTF-8": b'{"title": "\xff"}',
    "UTF-16": json.dumps(GOOD).encode("utf-16"),
    "a name twice": b'{"title": "a", "title": "b"}',
    "a name twice, deeper": b'{"tags": [{"a": 1, "a": 2}]}',
    "NaN": b'{"title": NaN}',
    "a number too long": b'{"title": ' + b"9" * 5000 + b"}",
    "nested": b'{"title": ' + b"[" * 30 + b"]" * 30 + b"}",
    "nested without end": b"[" * 100_000,
    "an unknown field": json.dumps(GOOD | {"titel": "x"}).encode(),
    "the author chosen": json.dumps(GOOD | {"author": "sam"}).encode(),
    "a title that is a number": json.dumps(GOOD | {"title": 1}).encode(),
    "a title that is null": json.dumps(GOOD | {"title": None}).encode(),
    "a title of blanks": json.dumps(GOOD | {"title": "  \u200b "}).encode(),
    "a title with a NUL": json.dumps(GOOD | {"title": "a\x00b"}).encode(),
    "a title with half a letter": json.dumps(GOOD | {"title": "\ud800"}).encode(),
    "a title too long": json.dumps(GOOD | {"title": "x" * 151}).encode(),
    "a text too long": json.dumps(GOOD | {"text": "x" * 40_001}).encode(),
    "a flag that is a word": json.dumps(GOOD | {"is_own_work": "yes"}).encode(),
    "tags that are a word": json.dumps(GOOD | {"tags": "rust"}).encode(),
    "no tags": json.dumps(GOOD | {"tags": []}).encode(),
    "tags that there are not": json.dumps(GOOD | {"tags": ["nothing"]}).encode(),
    "tags that are objects": json.dumps(GOOD | {"tags": [{}]}).encode(),
    "a link to nowhere": json.dumps(GOOD | {"url": "javascript:alert(1)"}).encode(),
    "neither link nor text": json.dumps(GOOD | {"text": ""}).encode(),
    "no such community": json.dumps(GOOD | {"community": "nowhere"}).encode(),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_bad_body_is_refused_with_a_sentence(mias: Client, body: bytes) -> None:
    before = Story.objects.count()

    answer = mias.post("/api/v1/stories", body, content_type="application/json")

    assert answer.status_code in {400, 404}
    assert answer["Content-Type"] == "application/problem+json"
    assert len(answer.json()["detail"]) > 10
    assert Story.objects.count() == before


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("post", "stories", GOOD | {"title": "\u200b"}, "title"),
        ("post", "stories", GOOD | {"url": "javascript:alert(1)"}, "url"),
        ("post", "stories", GOOD | {"url": "https://me:secret@example.org"}, "url"),
        ("post", "stories", GOOD | {"text": " "}, "text"),
        ("post", "stories", GOOD | {"tags": ["nothing"]}, "tags"),
        ("patch", "stories/{story}", {"title": "\u200b"}, "title"),
        ("post", "stories/{story}/comments", {"text": " "}, "text"),
        ("put", "comments/{comment}/flag", {"reason": "other"}, "note"),
        ("put", "stories/{story}/visit", {"until": "2026-03-01T12:00:00"}, "until"),
        ("get", "search?q=-x", None, "q"),
    ],
)
def test_a_refusal_names_the_field(scene: Scene, mias: Client, method: str, path: str, body: Any, field: str) -> None:
    answer = send(mias, method, path.format(story=scene.story.pk, comment=scene.comment.pk), body)

    told = answer.json()
    assert (answer.status_code, list(told["errors"])) == (400, [field])
    assert told["errors"][field][0] in told["detail"]


def test_an_act_without_a_reason_is_refused_by_name(scene: Scene, program: Program) -> None:
    act = {"act": "ban-person", "person": "sam", "days": 1, "reason": " "}

    answer = send(program(scene.moderator), "post", "log", act)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["reason"])


@pytest.mark.parametrize("domain", ["not a domain", "example", "..", "10.0.0.1", "localhost", "x" * 260 + ".org"])
def test_what_is_no_web_site_is_not_muted(mias: Client, domain: str) -> None:
    muted, unmuted = (send(mias, method, f"domains/{domain}/mute") for method in ("put", "delete"))

    assert (muted.status_code, unmuted.status_code) == (400, 204)
    assert send(mias, "get", "me/mutes").json()["domains"] == []


@pytest.mark.parametrize(
    ("domain", "kept"),
    [("Example.ORG", "example.org"), ("m\u00fcnchen.de", "xn--mnchen-3ya.de"), ("8.8.8.8", "8.8.8.8")],
)
def test_a_web_site_is_muted_by_the_name_that_stories_have(mias: Client, domain: str, kept: str) -> None:
    send(mias, "put", f"domains/{domain}/mute")
    muted = send(mias, "get", "me/mutes").json()["domains"]

    send(mias, "delete", f"domains/{domain}/mute")

    assert (muted, send(mias, "get", "me/mutes").json()["domains"]) == ([kept], [])


def test_a_body_of_five_megabytes_is_not_even_read(mias: Client) -> None:
    answer = mias.post("/api/v1/stories", b"[" * 5_000_000, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


def test_a_body_in_pieces_is_refused_and_not_taken_for_none(mias: Client) -> None:
    pieces = {"Transfer-Encoding": "chunked"}

    answer = mias.patch("/api/v1/me/preferences", b"{}", content_type="application/json", headers=pieces)

    assert (answer.status_code, answer.json()["code"]) == (411, "length-missing")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_body_that_is_not_json_is_refused(mias: Client, kind: str) -> None:
    answer = mias.post("/api/v1/stories", b"title=x", content_type=kind)

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")


def test_what_takes_no_body_takes_none(scene: Scene, mias: Client) -> None:
    answer = send(mias, "put", f"stories/{scene.locked.pk}/saved", {"saved": False})

    assert (answer.status_code, answer.json()["errors"]) == (400, {"saved": ["There is no field of this name."]})


@pytest.mark.parametrize(
    "query",
    [
        *("order=best", "window=decade", "after=x", "before=1", "after=nan~1", "after=1~x", "fields=password"),
        *("ids=a", "ids=1,-2", "ids=\u0661", f"ids={','.join(map(str, range(101)))}", "fields=%00"),
        *("page=2", "errors=before&errors=after", "%80=1"),
    ],
)
@pytest.mark.parametrize("is_member", [True, False])
def test_a_bad_query_is_refused_with_a_sentence(scene: Scene, program: Program, query: str, is_member: bool) -> None:
    answer = send(program(scene.member if is_member else None), "get", f"stories?{query}")

    assert answer.status_code == 400
    assert len(answer.json()["detail"]) > 10


def test_an_address_that_is_written_to_has_no_query(scene: Scene, mias: Client) -> None:
    answer = send(mias, "put", f"stories/{scene.locked.pk}/saved?quietly=1")

    assert (answer.status_code, answer.json()["errors"]) == (400, {"quietly": ["There is no parameter of this name."]})


@pytest.mark.parametrize("query", ["depth=0", "width=x", "limit=501", "parent=-1", "order=hottest"])
def test_a_bad_part_of_a_thread_is_refused(scene: Scene, client: Client, query: str) -> None:
    assert send(client, "get", f"stories/{scene.story.pk}/comments?{query}").status_code == 400


@pytest.mark.parametrize(
    "act",
    [
        {"act": "burn", "story": 1},
        {"act": "remove-story"},
        {"act": "remove-story", "comment": 1},
        {"act": "remove-story", "story": 1, "days": 3},
        {"act": "ban-person", "person": "sam"},
        {"act": "ban-person", "person": "sam", "days": 0},
        {"act": "ban-person", "person": "sam", "days": "3"},
        {"act": "remove-story", "story": "1"},
        {"act": "remove-story", "story": 2**63},
        {"act": "remove-story", "story": True},
    ],
)
def test_an_act_without_what_it_needs_is_refused(scene: Scene, program: Program, act: dict[str, Any]) -> None:
    answer = send(program(scene.moderator), "post", "log", act | {"reason": "Why."})

    assert answer.status_code == 400
    assert answer.json()["errors"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "nothing", 404),
        ("get", "stories/999999999", 404),
        ("get", "stories/99999999999999999999999", 404),
        ("get", "people/nobody", 404),
        ("get", "tags/nothing/stories", 404),
        ("put", "stories", 405),
        ("options", "stories", 405),
        ("trace", "stories", 405),
        ("get", "stories/1\x00", 404),
    ],
)
def test_other_refusals_are_problems_too(scene: Scene, client: Client, method: str, path: str, status: int) -> None:
    answer = getattr(client, method)(f"/api/v1/{path}")

    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status


def test_a_failure_of_ours_is_a_problem_too(scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.raise_request_exception = False
    monkeypatch.setattr("apps.stories.queries.lists.listing", lambda *_, **__: 1 / 0)

    answer = send(client, "get", "stories")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal-server-error")


def test_a_comment_of_another_thread_is_no_parent(scene: Scene, mias: Client, client: Client) -> None:
    path = f"stories/{scene.locked.pk}/comments"

    read = send(client, "get", f"{path}?parent={scene.comment.pk}")
    written = send(mias, "post", path, {"text": "Hm.", "parent": scene.comment.pk})

    assert (read.status_code, written.status_code) == (400, 400)
    assert list(written.json()["errors"]) == ["parent"]
