"""Paging through a long thread to its end."""

from collections import Counter

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.stories.models import Story
from tests.factories import CommentFactory, PersonFactory, StoryFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ROOTS = 90
REPLIES_BELOW_THE_FIRST = 13
COMMENTS = "article.comment"


@pytest.fixture
def story(transactional_db: None) -> Story:
    author = PersonFactory.create()
    story = StoryFactory.create(created_at=timezone.now())
    roots = [CommentFactory.create(story=story, author=author) for _ in range(ROOTS)]
    for _ in range(REPLIES_BELOW_THE_FIRST):
        CommentFactory.create(parent=roots[0], author=author)
    return story


def test_every_comment_is_met_once(page: Page, story: Story, has_javascript: bool) -> None:
    page.goto(f"{story.get_absolute_url()}?order=oldest")

    seen = _load_in_place(page) if has_javascript else _turn_pages(page)

    assert len(seen) == ROOTS + REPLIES_BELOW_THE_FIRST
    assert set(seen.values()) == {1}


def _load_in_place(page: Page) -> Counter[str]:
    page.get_by_role("link", name="3 more replies").click()
    expect(page.locator(".replies " + COMMENTS)).to_have_count(REPLIES_BELOW_THE_FIRST)
    for shown in (80, 90):
        page.get_by_role("link", name="More comments").click()
        expect(page.locator(COMMENTS)).to_have_count(shown + REPLIES_BELOW_THE_FIRST)
    expect(page.get_by_role("link", name="More comments")).to_have_count(0)
    return Counter(_ids(page))


def _turn_pages(page: Page) -> Counter[str]:
    branch = str(page.get_by_role("link", name="3 more replies").get_attribute("href"))
    seen = Counter(_ids(page))
    while page.get_by_role("link", name="More comments").count():
        with page.expect_navigation():
            page.get_by_role("link", name="More comments").click()
        seen.update(_ids(page))
    page.goto(branch)
    replies = _ids(page, "#replies ")
    assert len(replies) == REPLIES_BELOW_THE_FIRST
    seen.update(set(replies) - seen.keys())
    return seen


def _ids(page: Page, within: str = "") -> list[str]:
    ids: list[str] = page.locator(f"{within}{COMMENTS}").evaluate_all("comments => comments.map(({ id }) => id)")
    return ids
