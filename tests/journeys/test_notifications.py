"""Hearing of what others did, and choosing of what."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import LogIn
from tests.notifications.working import told, work
from tests.scene import Scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_one_replies_and_the_other_hears_of_it(page: Page, scene: Scene, log_in: LogIn) -> None:
    log_in(scene.moderator)
    page.goto(f"/comments/{scene.comment.pk}/reply")
    page.get_by_label("Your reply").fill("I saw it differently.")
    page.get_by_role("button", name="Reply").click()
    expect(page.get_by_text("I saw it differently.")).to_be_visible()
    work()

    log_in(scene.stranger)
    page.goto("/newest")
    page.get_by_role("link", name="Inbox 1 unread").click()
    line = page.get_by_role("listitem").filter(has_text="mo replied to you on")
    expect(line).to_contain_text("Unread:")
    line.get_by_role("link", name=scene.story.title).click()
    expect(page.get_by_text("I saw it differently.")).to_be_visible()

    page.get_by_role("link", name="Inbox 1 unread").click()
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_role("link", name="Inbox", exact=True)).to_be_visible()
    expect(line).to_be_visible()
    expect(line).not_to_contain_text("Unread:")


def test_watch_a_story_then_mute_its_thread(page: Page, scene: Scene, log_in: LogIn, has_javascript: bool) -> None:
    log_in(scene.stranger)
    page.goto(scene.story.get_absolute_url())

    page.get_by_role("button", name="watch", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="unwatch")).to_be_visible()
    if has_javascript:
        expect(page.get_by_role("button", name="unwatch")).to_be_focused()
    page.get_by_role("button", name="mute thread", exact=True).click()
    expect(page.get_by_role("button", name="unmute thread")).to_be_visible()
    expect(page.get_by_role("button", name="watch", exact=True)).to_be_visible()


def test_watch_a_tag_and_get_a_digest_of_it(page: Page, scene: Scene, log_in: LogIn) -> None:
    log_in(scene.stranger)
    page.goto("/t/rust/")
    page.get_by_role("button", name="Watch", exact=True).click()
    expect(page.get_by_role("button", name="Unwatch")).to_be_visible()

    page.goto("/settings")
    page.get_by_role("link", name="Notifications and mail").click()
    expect(page.get_by_role("link", name="rust")).to_be_visible()
    page.get_by_role("group", name="Digest of the best stories").get_by_label("Weekly").check()
    page.get_by_role("group", name="Comments on stories you watch").get_by_label("Off").check()
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_role("group", name="Digest of the best stories").get_by_label("Weekly")).to_be_checked()
    expect(page.get_by_role("group", name="Comments on stories you watch").get_by_label("Off")).to_be_checked()


def test_stop_mail_by_the_link_in_it_without_logging_in(page: Page, scene: Scene) -> None:
    page.goto(scene.visitor_pages()[-1])

    page.get_by_role("button", name="Stop these mails").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("You get no more of these mails")
    assert told(scene.member)
