"""Previews that administrators ask for: a job looks into a file, and nothing but its report is written."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from apps.importing.models import ImportPreview
from apps.stories.models import Story
from tests.factories import PersonFactory
from tests.importing.conftest import Write
from tests.importing.items import comment, story
from tests.personal.work import run_all

pytestmark = pytest.mark.django_db

ADD = "/admin/importing/importpreview/add/"


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.IMPORTS_DIR = tmp_path / "imports"
    settings.IMPORTS_DIR.mkdir()
    return tmp_path / "imports"


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(PersonFactory.create(is_staff=True, is_superuser=True))
    return client


def test_report_stands_on_the_previews_page(administrator: Client, folder: Path, write_items: Write) -> None:
    Path(write_items(story(1, title="A story"), comment(2, 1), b"?")).rename(folder / "old.jsonl")
    assert "old.jsonl" in administrator.get(ADD).content.decode()

    administrator.post(ADD, {"file": "old.jsonl"})
    run_all()

    preview = ImportPreview.objects.get()
    page = administrator.get(f"/admin/importing/importpreview/{preview.pk}/change/").content.decode()
    assert "3 items read: 1 stories and 1 comments would come in" in page
    assert "line 3: not JSON" in page
    assert "A story" in page
    assert not Story.objects.exists()


@pytest.mark.parametrize("name", ["gone.jsonl", "../old.jsonl", "/etc/passwd", ""])
def test_only_what_is_in_the_folder_can_be_chosen(administrator: Client, folder: Path, name: str) -> None:
    administrator.post(ADD, {"file": name})

    assert not ImportPreview.objects.exists()


def test_file_that_cannot_be_read_is_said(administrator: Client, folder: Path) -> None:
    (folder / "bad.jsonl.gz").write_bytes(b"\x1f\x8b")
    administrator.post(ADD, {"file": "bad.jsonl.gz"})

    run_all()

    assert "bad.jsonl.gz is damaged" in ImportPreview.objects.get().report


def test_staff_cannot_ask(client: Client, folder: Path) -> None:
    client.force_login(PersonFactory.create(is_staff=True))

    assert client.get(ADD).status_code == 403


def test_page_without_a_folder_offers_nothing(administrator: Client, settings: Settings, tmp_path: Path) -> None:
    settings.IMPORTS_DIR = tmp_path / "nowhere"

    assert administrator.get(ADD).status_code == 200
