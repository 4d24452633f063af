"""Tokens and apps on the pages where people look after them."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.api import actions
from apps.api.models import Scope, Token
from apps.core.errors import Invalid
from tests.api.conftest import Program, send
from tests.factories import NOW, PersonFactory
from tests.scene import Scene

pytestmark = pytest.mark.django_db

WISH = {"name": "My script", "scopes": ["read", "write"], "days": "30"}


@pytest.fixture
def person() -> User:
    return PersonFactory.create(username="ann")


@pytest.fixture
def browser(person: User, client: Client) -> Client:
    client.force_login(person)
    return client


def shown_secret(page: str) -> str:
    found = re.search(r'value="(groundswell_[\w-]+)"', page)
    assert found
    return found[1]


def test_a_new_token_is_shown_once_and_opens_what_was_chosen(browser: Client) -> None:
    secret = shown_secret(browser.post("/settings/tokens", WISH).content.decode())

    me = send(Client(headers={"Authorization": f"Bearer {secret}"}), "get", "me")
    again = browser.get("/settings/tokens").content.decode()

    assert me.json()["scopes"] == ["read", "write"]
    assert "My script" in again
    assert secret not in again


def test_the_secret_of_a_token_is_stored_nowhere(browser: Client) -> None:
    secret = shown_secret(browser.post("/settings/tokens", WISH).content.decode())

    row = Token.objects.values().get()

    assert secret not in str(row)
    assert secret.removeprefix(actions.PREFIX) not in str(row)


def test_the_answer_with_the_secret_is_kept_by_no_cache(browser: Client) -> None:
    assert "no-store" in browser.post("/settings/tokens", WISH)["Cache-Control"]


@pytest.mark.parametrize("lacking", ["name", "scopes"])
def test_a_token_without_name_or_scopes_is_not_made(browser: Client, lacking: str) -> None:
    answer = browser.post("/settings/tokens", {name: value for name, value in WISH.items() if name != lacking})

    assert answer.status_code == 422
    assert not Token.objects.exists()


def test_a_revoked_token_opens_nothing(person: User, browser: Client, program: Program) -> None:
    mine = program(person)

    browser.post(f"/settings/tokens/{Token.objects.get().pk}/revocation")

    assert send(mine, "get", "me").status_code == 401
    # Not even what visitors may read: a program shall notice.
    assert send(mine, "get", "stories").status_code == 401


def test_nobody_revokes_the_token_of_somebody_else(person: User, client: Client, program: Program) -> None:
    mine = program(person)
    client.force_login(PersonFactory.create())

    client.post(f"/settings/tokens/{Token.objects.get().pk}/revocation")

    assert send(mine, "get", "me").status_code == 200


def test_a_token_expires(person: User) -> None:
    late = timezone.now() - timedelta(days=31)
    _, secret = actions.make_token(by=person, name="old", scopes=["read"], lifetime=timedelta(days=30), now=late)

    answer = send(Client(headers={"Authorization": f"Bearer {secret}"}), "get", "me")

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"


def test_the_token_of_somebody_who_may_not_log_in_opens_nothing(person: User, program: Program) -> None:
    mine = program(person)
    User.objects.update(is_active=False)

    assert send(mine, "get", "me").status_code == 401


def test_the_use_of_a_token_is_noted_once_an_hour(person: User) -> None:
    token, _ = actions.make_token(by=person, name="x", scopes=["read"], lifetime=None, now=NOW)

    for minutes in (0, 59, 61):
        actions.note_use(token, now=NOW + timedelta(minutes=minutes))
        token.refresh_from_db()

    assert token.used_at == NOW + timedelta(minutes=61)


def test_nobody_has_more_than_fifty_tokens(person: User) -> None:
    for number in range(actions.MOST_TOKENS):
        actions.make_token(by=person, name=str(number), scopes=["read"], lifetime=None, now=NOW)

    with pytest.raises(Invalid, match="Revoke"):
        actions.make_token(by=person, name="one more", scopes=["read"], lifetime=None, now=NOW)


@pytest.mark.parametrize("scopes", [[], ["all"]])
def test_a_token_for_nothing_is_not_made(person: User, scopes: list[str]) -> None:
    with pytest.raises(Invalid):
        actions.make_token(by=person, name="x", scopes=scopes, lifetime=None, now=NOW)


@pytest.mark.parametrize("header", ["Bearer", "Bearer x", "Basic eDp4", "Bearer groundswell_x", "Bearer \u00e9"])
def test_a_header_without_a_good_token_is_refused(header: str) -> None:
    answer = send(Client(), "get", "stories", Authorization=header)

    assert (answer.status_code, answer.json()["code"]) == (401, "authentication-failed")


def test_a_browsers_session_may_do_all_with_a_csrf_token_only(scene: Scene) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(scene.member)

    read, refused = send(browser, "get", "me"), send(browser, "put", "tags/rust/mute")
    browser.get("/settings")
    token = browser.cookies["csrftoken"].value
    done = send(browser, "put", "tags/rust/mute", **{"X-CSRFToken": token})

    assert read.json()["scopes"] == sorted(Scope.values)
    assert (refused.status_code, done.status_code) == (403, 204)


@pytest.mark.parametrize("path", ["/settings/tokens", "/settings/apps"])
def test_visitors_are_sent_to_log_in(client: Client, path: str) -> None:
    assert client.get(path)["Location"].startswith("/account/login/")


@pytest.mark.parametrize(
    "address",
    ["http://example.org/", "javascript:alert(1)", "https://user@example.org/", "https://example.org/#x", "x", ""],
)
def test_an_app_sends_people_to_safe_places_only(person: User, address: str) -> None:
    with pytest.raises(Invalid, match="https"):
        actions.register_app(by=person, name="App", addresses=[address])


def test_an_app_is_registered_and_deleted_by_its_owner_alone(person: User, browser: Client) -> None:
    browser.post("/settings/apps", {"name": "Reader", "addresses": "https://example.org/back\nhttp://127.0.0.1/back"})
    [app] = person.oauth2_provider_application.all()  # type: ignore[attr-defined]  # the toolkit's
    stranger = Client()
    stranger.force_login(PersonFactory.create())
    page = browser.get("/settings/apps").content.decode()

    stranger.post(f"/settings/apps/{app.pk}/deletion")
    kept = person.oauth2_provider_application.count()  # type: ignore[attr-defined]  # the same
    browser.post(f"/settings/apps/{app.pk}/deletion")

    assert app.client_id in page
    assert (kept, person.oauth2_provider_application.count()) == (1, 0)  # type: ignore[attr-defined]  # the same
