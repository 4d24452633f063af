"""What htmx cannot do in the background is said aloud, and nothing typed is lost."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.moderation.actions.acts import lock_thread
from tests.journeys.conftest import LogIn
from tests.scene import Scene

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("has_javascript", [True], ids=["with-javascript"]),
]


def test_a_lost_connection_is_said(page: Page, scene: Scene, log_in: LogIn) -> None:
    log_in(scene.stranger)
    page.goto("/")
    page.route("**/vote", lambda route: route.abort())

    page.get_by_role("button", name=f"Vote for {scene.story.title}").click()

    expect(page.get_by_role("alert")).to_contain_text("could not be reached")


def test_a_refused_vote_says_why(page: Page, scene: Scene, log_in: LogIn) -> None:
    log_in(scene.stranger)
    page.goto("/")
    page.context.clear_cookies(name="sessionid")

    page.get_by_role("button", name=f"Vote for {scene.story.title}").click()

    expect(page.get_by_role("alert")).to_contain_text("Log in first")


def test_a_form_that_was_open_for_too_long_can_be_sent_again(page: Page, scene: Scene, log_in: LogIn) -> None:
    log_in(scene.stranger)
    page.goto(scene.story.get_absolute_url())
    page.get_by_label("Your comment").fill("Long thoughts.")
    page.context.clear_cookies(name="csrftoken")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("open for too long")

    page.get_by_role("button", name="Comment", exact=True).click()

    expect(page.locator("article.comment").get_by_text("Long thoughts.")).to_be_visible()


def test_a_reply_to_a_thread_that_was_locked_meanwhile_keeps_its_text(page: Page, scene: Scene, log_in: LogIn) -> None:
    log_in(scene.stranger)
    page.goto(scene.story.get_absolute_url())
    page.locator(f"#c{scene.reply.pk}").get_by_role("link", name="reply").click()
    page.get_by_label("Your reply").fill("Long thoughts.")
    lock_thread(by=scene.moderator, story=scene.story, reason="Enough.", now=timezone.now())

    page.get_by_role("button", name="Reply").click()

    expect(page.get_by_text("This thread takes no new comments.")).to_be_visible()
    expect(page.get_by_label("Your reply")).to_have_value("Long thoughts.")


def test_asking_for_the_same_form_twice_keeps_its_text(page: Page, scene: Scene, log_in: LogIn) -> None:
    log_in(scene.stranger)
    page.goto(scene.story.get_absolute_url())
    link = page.locator(f"#c{scene.reply.pk}").get_by_role("link", name="reply")
    link.click()
    page.get_by_label("Your reply").fill("Long thoughts.")

    link.click()

    expect(page.get_by_label("Your reply")).to_have_count(1)
    expect(page.get_by_label("Your reply")).to_have_value("Long thoughts.")
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_label("Your reply")).to_have_count(0)


def test_keys_walk_a_thread(page: Page, scene: Scene) -> None:
    page.goto(scene.story.get_absolute_url())

    comments = page.locator("article.comment")

    page.keyboard.press("j")
    expect(comments.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(comments.nth(1)).to_be_focused()
    page.keyboard.press("k")

    expect(comments.nth(0)).to_be_focused()
