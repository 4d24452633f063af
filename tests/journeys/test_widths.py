"""No page is wider than a narrow phone, however long its words are."""

import pytest
from playwright.sync_api import Page

from apps.accounts.models import USERNAME_LENGTH, User
from apps.stories.models import TITLE_LENGTH, Story
from tests.journeys.conftest import LogIn
from tests.scene import Scene

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("has_javascript", [True], ids=["with-javascript"]),
]

# What 1280 pixels are at a zoom of 400 %, by which WCAG measures.
NARROW_PIXELS = 320


@pytest.fixture
def long_scene(scene: Scene) -> Scene:
    """The scene, with the longest words."""
    Story.objects.update(title="W" * TITLE_LENGTH)
    name = "W" * (USERNAME_LENGTH - 1)
    for digit, person in enumerate([scene.stranger, scene.moderator]):
        User.objects.filter(pk=person.pk).update(username=f"{name}{digit}")
    return scene


def test_pages_of_visitors(page: Page, long_scene: Scene) -> None:
    long_scene.stranger.refresh_from_db()
    profile = long_scene.stranger.get_absolute_url()
    pages = [*long_scene.public_pages(), *long_scene.visitor_pages(), profile, "/nowhere"]

    assert _wider(page, pages) == {}


def test_pages_of_members(page: Page, long_scene: Scene, log_in: LogIn) -> None:
    log_in(long_scene.member)

    assert _wider(page, [*long_scene.member_pages(), "/"]) == {}


def test_pages_of_moderators(page: Page, long_scene: Scene, log_in: LogIn) -> None:
    log_in(long_scene.moderator)

    assert _wider(page, long_scene.moderator_pages()) == {}


def _wider(page: Page, paths: list[str]) -> dict[str, int]:
    """Paths of pages that scroll sideways, and how wide they are."""
    page.set_viewport_size({"width": NARROW_PIXELS, "height": 640})
    widths = {}
    for path in paths:
        page.goto(path)
        widths[path] = page.evaluate("document.documentElement.scrollWidth")
    return {path: width for path, width in widths.items() if width > NARROW_PIXELS}
