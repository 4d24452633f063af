"""The scene that pages are tested on."""

import pytest
from django.utils import timezone

from tests.scene import Scene, build


@pytest.fixture
def scene(db: None) -> Scene:
    return build(timezone.now())
