"""Apps of other people: how they are let in, what they may do then, and how they are shut out."""

import base64
import hashlib
import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client
from oauth2_provider.models import AccessToken, RefreshToken

from apps.accounts.models import User
from apps.api import actions
from tests.api.conftest import send
from tests.factories import PersonFactory
from tests.scene import Scene

pytestmark = pytest.mark.django_db

VERIFIER = "a-long-random-string-that-only-the-app-knows-0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
BACK = "https://app.example.org/back"


@pytest.fixture
def app(db: None) -> Any:
    return actions.register_app(by=PersonFactory.create(username="maker"), name="Reader", addresses=[BACK])


@pytest.fixture
def wish(app: Any) -> dict[str, str]:
    """What the app asks for when it sends people here."""
    return {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": BACK,
        "scope": "read write",
        "state": "xyz",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }


def agree(person: User, wish: dict[str, str], **more: str) -> Any:
    """Open the page that asks, and press its button; the answer."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person)
    page = browser.get(f"/oauth/authorize?{urlencode(wish)}").content.decode()
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page)) | more
    return browser.post(f"/oauth/authorize?{urlencode(wish)}", {"allow": "Authorize"} | fields)


def code_of(answer: Any) -> str:
    [code] = parse_qs(urlsplit(str(answer["Location"])).query)["code"]
    return code


def change(app: Any, code: str, verifier: str = VERIFIER) -> Any:
    """What the app gets for a code."""
    sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": verifier}
    return Client().post("/oauth/token", sent | {"client_id": app.client_id})


def refresh(app: Any, token: str) -> Any:
    """What the app gets for a refresh token."""
    sent = {"grant_type": "refresh_token", "client_id": app.client_id, "refresh_token": token}
    return Client().post("/oauth/token", sent)


def let_in(app: Any, person: User, wish: dict[str, str]) -> Client:
    """The app, acting for the person."""
    token = change(app, code_of(agree(person, wish))).json()["access_token"]
    return Client(headers={"Authorization": f"Bearer {token}"})


def test_an_app_that_is_let_in_acts_for_the_person_within_its_scopes(
    scene: Scene, app: Any, wish: dict[str, str]
) -> None:
    program = let_in(app, scene.stranger, wish)

    me = send(program, "get", "me").json()
    voted = send(program, "put", f"stories/{scene.story.pk}/vote")
    profile = send(program, "patch", "me", {"about": "Hacked."})

    assert (me["username"], me["scopes"], voted.status_code) == ("sam", ["read", "write"], 204)
    assert (profile.status_code, profile.json()["code"]) == (403, "scope-missing")


def test_the_page_says_who_asks_for_what_and_where_people_go(scene: Scene, wish: dict[str, str]) -> None:
    browser = Client()
    browser.force_login(scene.stranger)

    answer = browser.get(f"/oauth/authorize?{urlencode(wish)}")
    page = answer.content.decode()

    assert "Let <bdi>Reader</bdi> act for you?" in page
    assert "submit, comment, vote" in page
    assert "moderate" not in page.split("<form", 1)[0].rsplit("<main", 1)[-1]
    assert BACK in page
    assert "form-action 'self' https://app.example.org" in answer["Content-Security-Policy"]


def test_whoever_says_no_goes_back_with_nothing(scene: Scene, wish: dict[str, str]) -> None:
    answer = agree(scene.stranger, wish, allow="")

    assert answer["Location"].startswith(f"{BACK}?error=access_denied")


def test_a_code_is_worth_nothing_without_its_verifier_and_nothing_twice(
    scene: Scene, app: Any, wish: dict[str, str]
) -> None:
    stolen = change(app, code_of(agree(scene.stranger, wish)), "another-string-that-is-just-as-long-0123456789-abcdef")
    code = code_of(agree(scene.stranger, wish))
    first, second = change(app, code), change(app, code)

    assert [answer.status_code for answer in (stolen, first, second)] == [400, 200, 400]


def test_a_code_that_comes_again_ends_what_was_given_for_it_and_nothing_else(
    scene: Scene, app: Any, wish: dict[str, str]
) -> None:
    other = let_in(app, scene.stranger, wish)
    code = code_of(agree(scene.stranger, wish))
    given = change(app, code).json()
    renewed = refresh(app, given["refresh_token"]).json()
    program = Client(headers={"Authorization": f"Bearer {renewed['access_token']}"})
    before = send(program, "get", "me").status_code

    again = change(app, code)

    assert (before, again.json()["error"]) == (200, "invalid_grant")
    assert send(program, "get", "me").status_code == 401
    assert refresh(app, renewed["refresh_token"]).status_code == 400
    assert send(other, "get", "me").status_code == 200


def test_an_app_that_was_let_in_asks_again(scene: Scene, app: Any, wish: dict[str, str]) -> None:
    """It has no secret: any program on one's machine can say that it is the one."""
    let_in(app, scene.stranger, wish)
    browser = Client()
    browser.force_login(scene.stranger)

    page = browser.get(f"/oauth/authorize?{urlencode(wish | {'approval_prompt': 'auto'})}")

    assert page.status_code == 200
    assert "Let <bdi>Reader</bdi> act for you?" in page.content.decode()


@pytest.mark.parametrize(
    "changed",
    [
        {"code_challenge": "", "code_challenge_method": ""},
        {"response_type": "token"},
        {"scope": "everything"},
    ],
    ids=["no-challenge", "implicit", "unknown-scope"],
)
def test_no_app_is_let_in_by_another_way(scene: Scene, wish: dict[str, str], changed: dict[str, str]) -> None:
    browser = Client()
    browser.force_login(scene.stranger)

    answer = browser.get(f"/oauth/authorize?{urlencode(wish | changed)}")

    assert answer["Location"].startswith(f"{BACK}?error=")


def test_a_challenge_that_is_the_verifier_itself_proves_nothing(scene: Scene, wish: dict[str, str]) -> None:
    answer = agree(scene.stranger, wish | {"code_challenge": VERIFIER, "code_challenge_method": "plain"})

    assert answer["Location"].startswith(f"{BACK}?error=invalid_request")


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "gone"},
        {"client_id": ""},
        {"redirect_uri": ""},
        {"state": "\x00"},
        {"resource": "http://["},
    ],
    ids=["app-is-gone", "no-app", "no-way-back", "no-text", "no-address"],
)
def test_an_answer_that_makes_no_sense_is_refused(scene: Scene, wish: dict[str, str], changed: dict[str, str]) -> None:
    browser = Client()
    browser.force_login(scene.stranger)

    answer = browser.post("/oauth/authorize", wish | {"allow": "Authorize"} | changed)

    assert answer.status_code == 400
    assert "Go back to it and begin anew" in answer.content.decode()


@pytest.mark.parametrize("path", ["token", "revoke"])
@pytest.mark.parametrize("field", ["client_id", "code", "token", "refresh_token"])
@pytest.mark.parametrize("text", ["\x00", "x" * 10_000])
def test_no_program_breaks_the_way_to_a_token(app: Any, path: str, field: str, text: str) -> None:
    sent = {"grant_type": "authorization_code", "code": "x", "token": "x", "client_id": app.client_id}

    answer = Client().post(f"/oauth/{path}", sent | {"redirect_uri": BACK, "code_verifier": VERIFIER} | {field: text})

    assert answer.status_code in {200, 400, 401}


@pytest.mark.parametrize("changed", [{"client_id": "\x00"}, {"resource": "http://["}])
def test_an_address_that_makes_no_sense_is_refused(scene: Scene, wish: dict[str, str], changed: dict[str, str]) -> None:
    browser = Client()
    browser.force_login(scene.stranger)

    answer = browser.get(f"/oauth/authorize?{urlencode(wish | changed)}")

    assert answer.status_code == 400
    assert "cannot be let in" in answer.content.decode()


@pytest.mark.drifts(reason="PostgreSQL refuses it, and answers nothing more in the test's transaction")
@pytest.mark.parametrize("field", ["code_challenge", "nonce"])
def test_no_wish_is_too_long_to_be_answered(scene: Scene, wish: dict[str, str], field: str) -> None:
    browser = Client()
    browser.force_login(scene.stranger)

    answer = browser.post("/oauth/authorize", wish | {"allow": "Authorize", field: "x" * 10_000})

    assert answer.status_code in {302, 400}


@pytest.mark.parametrize("changed", [{"redirect_uri": "https://evil.example/"}, {"client_id": "x"}])
def test_people_are_sent_to_no_address_but_the_apps_own(
    scene: Scene, wish: dict[str, str], changed: dict[str, str]
) -> None:
    browser = Client()
    browser.force_login(scene.stranger)

    answer = browser.get(f"/oauth/authorize?{urlencode(wish | changed)}")

    assert answer.status_code == 400
    assert "This app cannot be let in" in answer.content.decode()


@pytest.mark.parametrize("kind", ["password", "client_credentials"])
def test_no_token_comes_without_a_person_who_agreed(app: Any, kind: str) -> None:
    sent = {"grant_type": kind, "client_id": app.client_id, "username": "maker", "password": "x"}

    assert Client().post("/oauth/token", sent).status_code in {400, 401}


def test_tokens_of_apps_are_stored_hashed(scene: Scene, app: Any, wish: dict[str, str]) -> None:
    given = change(app, code_of(agree(scene.stranger, wish))).json()

    stored = str([*AccessToken.objects.values(), *RefreshToken.objects.values()])

    assert given["access_token"] not in stored
    assert given["refresh_token"] not in stored


def test_a_refresh_token_works_once_and_a_stolen_one_ends_them_all(
    scene: Scene, app: Any, wish: dict[str, str]
) -> None:
    given = change(app, code_of(agree(scene.stranger, wish))).json()

    first, again = (refresh(app, given["refresh_token"]) for _ in range(2))
    program = Client(headers={"Authorization": f"Bearer {first.json()['access_token']}"})

    assert (first.status_code, again.status_code) == (200, 400)
    assert send(program, "get", "me").status_code == 401


def test_an_app_that_is_shut_out_can_do_nothing_more(scene: Scene, app: Any, wish: dict[str, str]) -> None:
    program = let_in(app, scene.stranger, wish)
    browser = Client()
    browser.force_login(scene.stranger)

    listed = "Reader" in browser.get("/settings/apps").content.decode()
    browser.post(f"/settings/apps/{app.pk}/revocation")

    assert listed
    assert "Reader" not in browser.get("/settings/apps").content.decode()
    assert send(program, "get", "me").status_code == 401
    assert not RefreshToken.objects.exists()


def test_apps_find_their_way_by_themselves(client: Client) -> None:
    found = client.get("/.well-known/oauth-authorization-server").json()

    assert found["authorization_endpoint"].endswith("/oauth/authorize")
    assert found["token_endpoint"].endswith("/oauth/token")
    assert found["code_challenge_methods_supported"] == ["S256"]


def test_apps_are_told_of_no_way_in_that_there_is_not(client: Client) -> None:
    found = client.get("/.well-known/oauth-authorization-server").json()

    assert found["response_types_supported"] == ["code"]
    assert found["grant_types_supported"] == ["authorization_code", "refresh_token"]
    assert found["token_endpoint_auth_methods_supported"] == ["none"]
    assert found["revocation_endpoint_auth_methods_supported"] == ["none"]
