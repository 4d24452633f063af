"""Lists of stories: pages of them, and parts that come in place."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import StoryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def second_page(client: Client) -> str:
    """The address of the second of three pages."""
    now = timezone.now()
    for minutes in range(60):
        StoryFactory.create(title=f"Minute {minutes}", created_at=now - timedelta(minutes=minutes))
    link = re.search(r'href="(\?after=[^"]+)"', client.get("/newest").content.decode())
    assert link
    return f"/newest{link[1]}"


def test_a_page_links_to_both_neighbors(client: Client, second_page: str) -> None:
    page = client.get(second_page).content.decode()

    assert ">Minute 25</a>" in page
    assert 'rel="prev"' in page
    assert 'rel="next"' in page


def test_rows_that_come_in_place_need_no_way_back(client: Client, second_page: str) -> None:
    part = client.get(second_page, headers={"HX-Request": "true"}).content.decode()

    assert ">Minute 25</a>" in part
    assert "<html" not in part
    assert 'rel="prev"' not in part
    assert 'rel="next"' in part


def test_the_order_on_show_is_marked(client: Client) -> None:
    page = client.get("/top/year").content.decode()

    assert page.count('aria-current="page"') == 2
    assert "Nothing here yet." in page


def test_a_story_without_an_author_or_a_slug_is_still_a_row(client: Client) -> None:
    story = StoryFactory.create(author=None, title="…", created_at=timezone.now())

    page = client.get("/").content.decode()

    assert "[erased]" in page
    assert f"/s/{story.pk}/-" in page
