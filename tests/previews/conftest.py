"""A place for files, and a world to ask."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from apps.previews import tasks
from tests.core.internet import Internet, opened


@pytest.fixture
def media(tmp_path: Path, settings: Settings) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[Internet]:
    """What jobs ask in the place of the real one."""
    settings.LINK_PREVIEWS = True
    with opened() as internet:
        monkeypatch.setattr(tasks, "Fetcher", internet.fetcher)
        yield internet
