"""A member flags a comment, a moderator finds it and lets it stay."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import LogIn
from tests.scene import Scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_flag_and_dismiss(page: Page, scene: Scene, log_in: LogIn) -> None:
    log_in(scene.member)
    page.goto(scene.story.get_absolute_url())
    foot = page.locator(f"#c{scene.comment.pk} > details > .comment-foot")
    foot.get_by_role("link", name="flag").click()
    page.get_by_label("Unkind").check()
    page.get_by_label("Note").fill("Not how we talk.")
    page.get_by_role("button", name="Flag").click()
    expect(page.get_by_text("Thank you.")).to_be_visible()
    page.goto(scene.story.get_absolute_url())
    expect(foot.get_by_role("link", name="flagged")).to_be_visible()

    log_in(scene.moderator)
    page.goto("/newest")
    page.get_by_role("link", name=re.compile("Flags")).click()
    expect(page.get_by_text("Not how we talk.")).to_be_visible()
    page.get_by_role("button", name="Dismiss").click()

    expect(page.get_by_text("Nothing is flagged.")).to_be_visible()
    expect(page).to_have_url("/moderation/flags")
