"""The band on top of every page, which has more to hold for some than for others."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.accounts.models import USERNAME_LENGTH, User
from apps.moderation.actions import flags
from tests.journeys.conftest import LogIn
from tests.scene import Scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ONE_LINE_PIXELS = 60


@pytest.mark.drifts(reason="a number made up")
@pytest.mark.parametrize("width", [1100, 1280])
def test_who_has_much_to_look_at_still_has_it_on_one_line(page: Page, scene: Scene, log_in: LogIn, width: int) -> None:
    User.objects.filter(pk=scene.moderator.pk).update(username="m" * USERNAME_LENGTH, num_unread=1000)
    flags.flag_comment(by=scene.member, comment=scene.comment, reason="spam", now=timezone.now())
    log_in(scene.moderator)
    page.set_viewport_size({"width": width, "height": 600})
    page.goto("/")

    expect(page.get_by_role("link", name="Flags")).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("99+")).to_be_in_viewport(ratio=1)
    expect(page.locator(".menu-name")).to_be_in_viewport(ratio=1)
    assert page.locator(".site-header").evaluate("it => it.offsetHeight") < ONE_LINE_PIXELS


@pytest.mark.parametrize("has_javascript", [True], ids=["with-javascript"])
def test_the_menu_closes_by_escape_and_by_a_press_elsewhere(page: Page, scene: Scene, log_in: LogIn) -> None:
    log_in(scene.member)
    page.goto("/")
    menu, name = page.locator(".menu-list"), page.locator(".menu-name")

    name.click()
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(name).to_be_focused()
    name.click()
    expect(menu).to_be_visible()
    page.locator("main").click(position={"x": 1, "y": 1})

    expect(menu).to_be_hidden()
