"""axe-core finds nothing on any page, in light and in dark."""

from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.journeys.conftest import LogIn
from tests.scene import Scene

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("has_javascript", [True], ids=["with-javascript"]),
]

SAME_AS_THE_FRONT_PAGE = {"/newest", "/active", "/top", "/controversial", "/most-commented"}
# The size of targets is a rule of WCAG 2.2 that axe leaves off by itself.
ALL_RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
# Only colors change with the theme.
COLORS = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
SCHEMES: dict[Literal["light", "dark"], dict[str, Any]] = {"light": ALL_RULES, "dark": COLORS}


def test_visitors_pages(page: Page, scene: Scene) -> None:
    pages = [*scene.public_pages(), *scene.visitor_pages(), "/nowhere"]

    assert _faults(page, [path for path in pages if path not in SAME_AS_THE_FRONT_PAGE]) == []


def test_members_pages(page: Page, scene: Scene, log_in: LogIn) -> None:
    log_in(scene.member)

    assert _faults(page, [*scene.member_pages(), "/", scene.story.get_absolute_url(), "/t/django/"]) == []


def test_moderators_pages(page: Page, scene: Scene, log_in: LogIn) -> None:
    log_in(scene.moderator)

    assert _faults(page, scene.moderator_pages()) == []


def test_refused_forms(page: Page, scene: Scene, log_in: LogIn) -> None:
    log_in(scene.member)
    page.goto("/submit")
    page.locator("form.form").evaluate("form => { form.noValidate = true; form.submit(); }")
    page.get_by_role("alert").first.wait_for()

    assert faults_here(page) == []


def _faults(page: Page, paths: list[str]) -> list[str]:
    found = []
    for path in paths:
        page.goto(path)
        found += [f"{path} {fault}" for fault in faults_here(page)]
    return found


def faults_here(page: Page, part: str = "html") -> list[str]:
    """In the part of the page that the selector names: Django's own admin has faults that are not ours."""
    page.evaluate(AXE_SCRIPT)
    found = []
    for scheme, options in SCHEMES.items():
        page.emulate_media(color_scheme=scheme)
        found += [
            f"in {scheme}: {fault['help']}: {[node['html'] for node in fault['nodes']]}"
            for fault in page.evaluate("([part, options]) => axe.run(part, options)", [part, options])["violations"]
        ]
    return found
