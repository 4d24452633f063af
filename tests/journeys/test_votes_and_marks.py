"""Voting, keeping and hiding."""

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from apps.stories.queries.lists import PAGE_SIZE
from tests.factories import StoryFactory
from tests.journeys.conftest import LogIn
from tests.scene import Scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _button(page: Page, scene: Scene) -> Locator:
    return page.get_by_role("button", name=f"Vote for {scene.story.title}")


def test_vote_and_retract(page: Page, scene: Scene, log_in: LogIn, has_javascript: bool) -> None:
    log_in(scene.stranger)
    page.goto("/")
    expect(_button(page, scene)).to_contain_text("8")

    _button(page, scene).click()
    expect(_button(page, scene)).to_contain_text("9")
    expect(_button(page, scene)).to_have_attribute("aria-pressed", "true")
    if has_javascript:
        expect(_button(page, scene)).to_be_focused()

    _button(page, scene).click()
    expect(_button(page, scene)).to_contain_text("8")
    expect(_button(page, scene)).to_have_attribute("aria-pressed", "false")


def test_a_vote_by_key_keeps_the_place(page: Page, scene: Scene, log_in: LogIn, has_javascript: bool) -> None:
    log_in(scene.stranger)
    page.goto("/newest?x=y")
    _button(page, scene).focus()

    page.keyboard.press("Enter")
    expect(_button(page, scene)).to_have_attribute("aria-pressed", "true")

    expect(page).to_have_url("/newest?x=y" if has_javascript else f"/newest?x=y#s{scene.story.pk}")
    expect(page.get_by_role("link", name="A locked story")).to_be_visible()


def test_save_by_key_keeps_the_focus(page: Page, scene: Scene, log_in: LogIn, has_javascript: bool) -> None:
    log_in(scene.stranger)
    page.goto("/newest")
    row = page.locator(f"#s{scene.story.pk}")
    row.get_by_role("button", name="save").focus()

    page.keyboard.press("Space")

    expect(row.get_by_role("button", name="unsave")).to_be_visible()
    if has_javascript:
        expect(row.get_by_role("button", name="unsave")).to_be_focused()


def test_buttons_that_came_later_work_too(page: Page, scene: Scene, log_in: LogIn) -> None:
    for _ in range(PAGE_SIZE):
        StoryFactory.create(created_at=timezone.now())
    log_in(scene.stranger)
    page.goto("/newest")

    page.get_by_role("link", name="More").click()
    _button(page, scene).click()

    expect(_button(page, scene)).to_contain_text("9")
    expect(_button(page, scene)).to_have_attribute("aria-pressed", "true")


def test_a_visitor_who_votes_is_asked_to_log_in_and_comes_back(page: Page, scene: Scene) -> None:
    page.goto("/newest")

    page.get_by_role("link", name=f"Vote for {scene.story.title}").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
    expect(page.locator("main input[name=next]")).to_have_value(f"/newest#s{scene.story.pk}")


def test_save_and_hide(page: Page, scene: Scene, log_in: LogIn) -> None:
    log_in(scene.stranger)
    page.goto("/newest")
    row = page.locator(f"#s{scene.story.pk}")
    row.get_by_role("button", name="save").click()
    expect(row.get_by_role("button", name="unsave")).to_be_visible()
    row.get_by_role("button", name="hide", exact=True).click()
    expect(row.get_by_role("button", name="hide", exact=True)).to_have_count(0)

    page.goto("/saved")
    expect(row).to_be_visible()
    page.goto("/newest")
    expect(page.get_by_role("link", name="A locked story")).to_be_visible()
    expect(row).to_be_hidden()

    page.goto("/hidden")
    row.get_by_role("button", name="unhide").click()
    expect(row.get_by_role("button", name="unhide")).to_have_count(0)
    page.goto("/newest")
    expect(row).to_be_visible()


def test_mute_a_tag(page: Page, scene: Scene, log_in: LogIn) -> None:
    log_in(scene.stranger)
    page.goto("/t/rust/")
    page.get_by_role("button", name="Mute").click()
    expect(page.get_by_role("button", name="Unmute")).to_be_visible()

    page.goto("/newest")
    expect(page.locator(f"#s{scene.story.pk}")).to_be_hidden()

    page.goto("/mutes")
    page.get_by_role("button", name="Unmute").click()
    expect(page.get_by_role("button", name="Unmute")).to_have_count(0)
    page.goto("/newest")
    expect(page.locator(f"#s{scene.story.pk}")).to_be_visible()


def test_choose_colors(page: Page, scene: Scene) -> None:
    page.goto("/newest")

    page.get_by_role("button", name="Dark").click()

    expect(page).to_have_url("/newest")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(15, 23, 28)")
