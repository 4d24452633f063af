"""Submitting a story."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import LogIn
from tests.scene import Scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_submit_a_link_with_a_text(page: Page, scene: Scene, log_in: LogIn) -> None:
    log_in(scene.member)
    page.goto("/")
    page.get_by_role("link", name="Submit").click()
    page.get_by_label("Link").fill("https://example.net/waves")
    page.get_by_label("Title").fill("How waves break")
    page.get_by_label("Text").fill("A *short* summary.")
    page.get_by_label("rust").check()

    page.get_by_role("button", name="Submit").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("How waves break")
    expect(page.locator("em")).to_have_text("short")
    page.get_by_role("link", name="Groundswell").click()
    expect(page.get_by_role("link", name="How waves break")).to_have_attribute("href", "https://example.net/waves")


def test_a_known_link_leads_to_its_discussion(page: Page, scene: Scene, log_in: LogIn, has_javascript: bool) -> None:
    log_in(scene.stranger)
    page.goto("/submit")
    page.get_by_label("Link").fill("http://www.example.org/a?utm_source=mail")
    page.get_by_label("Title").fill("Again")
    if has_javascript:
        expect(page.get_by_text("Already here")).to_be_visible()
    page.get_by_label("rust").check()

    page.get_by_role("button", name="Submit").click()

    expect(page.get_by_text("Already here")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("Again")
    expect(page.get_by_label("rust")).to_be_checked()
    page.get_by_role("link", name=scene.story.title).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(scene.story.title)
