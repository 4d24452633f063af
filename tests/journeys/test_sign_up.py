"""From a stranger to a member, and back."""

import re

import pytest
from django.core.mail import EmailMessage
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.scene import Scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_sign_up_confirm_log_in_and_out(
    page: Page, scene: Scene, mailoutbox: list[EmailMessage], live_server: LiveServer, settings: Settings
) -> None:
    settings.SITE_URL = live_server.url
    page.goto("/")
    page.get_by_role("link", name="Sign up").click()
    page.get_by_label("Username").fill("nora")
    page.get_by_label("Email").fill("nora@example.org")
    page.get_by_label("Password", exact=True).fill("a wave of cold water")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")

    address = re.search(r"https?://\S+", str(mailoutbox[0].body))
    assert address
    page.goto(address[0])
    page.get_by_role("button", name="Yes, confirm").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
    expect(page.get_by_role("status")).to_contain_text("nora@example.org")
    page.get_by_label("Login").fill("nora")
    page.get_by_label("Password", exact=True).fill("a wave of cold water")
    page.get_by_role("button", name="Log in").click()

    page.get_by_text("nora", exact=True).click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Sign up")).to_be_visible()


def test_what_is_wrong_stands_beside_its_field(page: Page, scene: Scene) -> None:
    page.goto("/account/signup/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Email").fill("nora@example.org")
    page.get_by_label("Password", exact=True).fill("short")

    page.get_by_role("button", name="Sign up").click()

    expect(page.get_by_role("alert").first).to_contain_text("This name is kept for the site itself")
    expect(page.get_by_label("Username")).to_have_value("admin")
    expect(page.get_by_label("Username")).to_have_attribute("aria-invalid", "true")
