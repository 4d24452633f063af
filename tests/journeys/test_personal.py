"""Taking one's data along, and leaving."""

import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from apps.comments.models import Comment
from tests.journeys.conftest import LogIn
from tests.journeys.test_accessibility import faults_here
from tests.personal.work import run_all
from tests.scene import PASSWORD, Scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def exports_folder(settings: Settings, tmp_path: Path) -> None:
    settings.EXPORTS_DIR = tmp_path / "exports"


def test_take_a_copy_along(page: Page, scene: Scene, log_in: LogIn, has_javascript: bool) -> None:
    log_in(scene.member)
    page.goto("/settings")
    page.get_by_role("link", name="Your data").click()
    page.get_by_role("button", name="Prepare my data").click()
    expect(page.get_by_text("Your data are being prepared")).to_be_visible()

    run_all()
    if not has_javascript:
        page.get_by_role("link", name="Look again").click()

    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as found:
        assert '"name": "mia"' in found.read("profile.jsonl").decode()
    expect(page.get_by_role("button", name=re.compile("Prepare"))).to_have_count(0)


def test_leave_and_take_all_words_back(page: Page, scene: Scene, log_in: LogIn, has_javascript: bool) -> None:
    log_in(scene.member)
    page.goto("/settings/data")
    page.get_by_label("Erase what I wrote too").check()
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete your account?")
    expect(page.get_by_text("All your stories and comments are erased")).to_be_visible()
    if has_javascript:
        assert faults_here(page) == []

    page.get_by_role("button", name="Delete my account for good").click()
    expect(page.get_by_text("Your account is deleted.")).to_be_visible()
    expect(page.get_by_role("link", name="Sign up")).to_be_visible()
    run_all()

    page.goto(scene.story.get_absolute_url())
    expect(page.get_by_role("heading", level=1)).to_have_text("[deleted by its author]")
    assert Comment.objects.get(pk=scene.reply.pk).body.markdown == ""
    assert page.goto("/u/mia/").status == 404  # type: ignore[union-attr]  # there is an answer
