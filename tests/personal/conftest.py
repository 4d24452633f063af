"""A folder for exports that belongs to one test, from which files go at once: most tests never commit."""

from pathlib import Path

import pytest
from pytest_django import Settings

from apps.personal.actions import exports


@pytest.fixture(autouse=True)
def exports_folder(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(exports, "on_commit", lambda run, **_: run())
    settings.EXPORTS_DIR = tmp_path / "exports"
    return tmp_path / "exports"
