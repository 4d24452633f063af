"""Letting programs act for oneself, and shutting them out again."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from apps.api import actions
from tests.api.conftest import send
from tests.api.test_oauth import BACK, CHALLENGE, change
from tests.journeys.conftest import LogIn
from tests.scene import Scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_let_an_app_in_and_shut_it_out(page: Page, scene: Scene, log_in: LogIn) -> None:
    app = actions.register_app(by=scene.moderator, name="Pocket reader", addresses=[BACK])
    asked = {"response_type": "code", "client_id": app.client_id, "redirect_uri": BACK, "scope": "read"}
    page.route(f"{BACK}*", lambda route: route.fulfill(body="Back in the app."))
    log_in(scene.stranger)

    page.goto(f"/oauth/authorize?{urlencode(asked | {'code_challenge': CHALLENGE, 'code_challenge_method': 'S256'})}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Let Pocket reader act for you?")
    page.get_by_role("button", name="Let it in").click()
    expect(page.get_by_text("Back in the app.")).to_be_visible()

    token = change(app, *parse_qs(urlsplit(page.url).query)["code"]).json()["access_token"]
    program = Client(headers={"Authorization": f"Bearer {token}"})
    assert send(program, "get", "me").json()["username"] == "sam"

    page.goto("/settings/apps")
    page.get_by_role("button", name="Shut out Pocket reader").click()
    expect(page.get_by_text("Pocket reader")).to_be_hidden()
    assert send(program, "get", "me").status_code == 401


def test_make_a_token_which_is_shown_once(page: Page, scene: Scene, log_in: LogIn) -> None:
    log_in(scene.stranger)
    page.goto("/settings/tokens")

    page.get_by_label("Name").fill("Backup")
    page.get_by_role("button", name="Make it").click()
    secret = page.get_by_label("Your new token")
    expect(secret).to_be_focused()
    program = Client(headers={"Authorization": f"Bearer {secret.input_value()}"})
    assert send(program, "get", "me").json()["scopes"] == ["read"]

    page.goto("/settings/tokens")
    expect(secret).to_be_hidden()
    page.get_by_role("button", name="Revoke Backup").click()
    expect(page.get_by_text("Backup")).to_be_hidden()
    assert send(program, "get", "me").status_code == 401
