"""Finding something again."""

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.factories import PersonFactory, StoryFactory
from tests.scene import Scene
from tests.search.indexing import index_all

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE: ViewportSize = {"width": 390, "height": 844}


def test_words_lead_to_a_story_and_operators_narrow_it_down(page: Page, scene: Scene) -> None:
    for number in range(30):
        StoryFactory.create(
            title=f"Wave {number}", url=f"https://site{number % 2}.example/", created_at=scene.story.created_at
        )
    index_all()
    page.goto("/")

    page.get_by_role("searchbox", name="Search").fill("waves domain:site0.example")
    page.keyboard.press("Enter")

    expect(page.get_by_text("15 results")).to_be_visible()
    page.get_by_role("link", name="leave out").click()
    expect(page.get_by_text("30 results")).to_be_visible()
    expect(page.get_by_role("searchbox", name="Search")).to_have_value("waves")
    page.get_by_role("link", name="More").click()
    expect(page.locator(".hit")).to_have_count(5)
    page.get_by_role("link", name="Comments", exact=True).last.click()
    expect(page.get_by_text("Nothing was found.")).to_be_visible()


def test_a_slip_is_explained_and_can_be_put_right(page: Page, scene: Scene) -> None:
    page.goto("/search?q=wrote+tag:djang")
    expect(page.get_by_role("alert")).to_contain_text("there is no tag of that name")

    page.get_by_role("searchbox", name="Search").fill("wrote tag:django")
    page.keyboard.press("Enter")

    expect(page.locator("mark")).to_have_text("wrote")


def test_on_a_phone_the_search_is_behind_its_sign(page: Page, scene: Scene) -> None:
    PersonFactory.create(username="graybeard")
    index_all()
    page.set_viewport_size(PHONE)
    page.goto("/")

    page.get_by_role("link", name="Search").click()
    page.get_by_role("searchbox", name="Search").fill("gray")
    page.get_by_role("button", name="Search").click()

    page.get_by_role("link", name="graybeard").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("graybeard")
