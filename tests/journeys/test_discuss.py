"""Reading a thread and writing in it."""

import re
from contextlib import nullcontext

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.comments.threads import REPLIES_SHOWN
from tests.factories import CommentFactory
from tests.journeys.conftest import LogIn
from tests.scene import Scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_comment_and_reply(page: Page, scene: Scene, log_in: LogIn, has_javascript: bool) -> None:
    log_in(scene.member)
    page.goto(scene.story.get_absolute_url())
    page.get_by_label("Your comment").fill("A *first* word.")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_text("A first word.")).to_be_visible()
    count = page.locator("#comments-heading")
    expect(count).to_have_text("7 comments")

    page.goto(scene.story.get_absolute_url())
    page.locator(f"#c{scene.comment.pk} > details > .comment-foot").get_by_role("link", name="reply").click()
    page.get_by_label("Your reply").fill("An answer.")
    page.get_by_role("button", name="Reply").click()

    expect(page.get_by_text("An answer.")).to_be_visible()
    expect(count).to_have_text("8 comments")
    if has_javascript:
        expect(page).to_have_url(re.compile(re.escape(scene.story.get_absolute_url())))
        expect(page.locator(f"#c{scene.comment.pk}").get_by_text("An answer.")).to_be_visible()


def test_vote_on_comments_of_a_thread(page: Page, scene: Scene, log_in: LogIn, has_javascript: bool) -> None:
    path = scene.story.get_absolute_url()
    log_in(scene.member)
    page.goto(path)
    button = page.locator(f"#c{scene.comment.pk}-vote")
    expect(button).to_contain_text("3")

    button.click()
    expect(button).to_contain_text("4")
    expect(button).to_have_attribute("aria-pressed", "true")

    button.click()
    expect(button).to_contain_text("3")
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(page).to_have_url(path if has_javascript else f"{path}#c{scene.comment.pk}")


def test_vote_on_replies_that_were_asked_for(page: Page, scene: Scene, log_in: LogIn) -> None:
    replies = [CommentFactory.create(parent=scene.comment) for _ in range(REPLIES_SHOWN + 1)]
    log_in(scene.member)
    page.goto(f"{scene.story.get_absolute_url()}?order=oldest")
    button = page.locator(f"#c{replies[-1].pk}-vote")
    expect(button).to_have_count(0)

    page.get_by_role("link", name=re.compile("more repl")).click()
    button.click()

    expect(button).to_contain_text("2")
    expect(button).to_have_attribute("aria-pressed", "true")


def test_mark_a_thread_as_read(page: Page, scene: Scene, log_in: LogIn, has_javascript: bool) -> None:
    log_in(scene.member)
    with page.expect_response("**/visit/") if has_javascript else nullcontext():
        page.goto(scene.story.get_absolute_url())
    CommentFactory.create(story=scene.story, created_at=timezone.now(), text="Just now.")

    page.get_by_role("button", name="mark all as read").click()
    page.goto(scene.story.get_absolute_url())

    # It came after the page on which the button was pressed.
    expect(page.locator("[data-unread]")).to_have_count(1)


def test_preview_keeps_what_was_typed(page: Page, scene: Scene, log_in: LogIn, has_javascript: bool) -> None:
    log_in(scene.member)
    page.goto(scene.story.get_absolute_url())
    page.get_by_label("Your comment").fill("Is this **bold**?")

    if has_javascript:
        page.get_by_role("button", name="Preview").click()
        expect(page.locator(".preview strong")).to_have_text("bold")
    else:
        with page.expect_popup() as popup:
            page.get_by_role("button", name="Preview").click()
        expect(popup.value.locator(".preview strong")).to_have_text("bold")

    expect(page.get_by_label("Your comment")).to_have_value("Is this **bold**?")


def test_collapse_a_comment_with_its_replies(page: Page, scene: Scene) -> None:
    page.goto(scene.story.get_absolute_url())
    text = page.locator(f"#c{scene.reply.pk} .prose")
    expect(text).to_be_visible()

    page.locator(f"#c{scene.comment.pk} > details > summary").click()
    expect(text).to_be_hidden()
    expect(page.locator(f"#c{scene.comment.pk} > header")).to_be_visible()

    page.locator(f"#c{scene.comment.pk} > details > summary").press("Enter")
    expect(text).to_be_visible()


def test_edit_and_delete_a_comment(page: Page, scene: Scene, log_in: LogIn) -> None:
    log_in(scene.member)
    page.goto(scene.reply.get_absolute_url())
    page.get_by_role("link", name="edit").click()
    page.get_by_label("Your comment").fill("Better words.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Better words.")).to_be_visible()
    expect(page.get_by_text("edited")).to_be_visible()

    page.get_by_role("link", name="delete").click()
    page.get_by_role("button", name="Delete").click()

    expect(page.get_by_text("[deleted by its author]").first).to_be_visible()
