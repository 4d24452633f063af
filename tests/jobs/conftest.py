"""Handlers that belong to one test."""

from collections.abc import Iterator

import pytest

from apps.jobs import handlers


@pytest.fixture(autouse=True)
def own_registry() -> Iterator[None]:
    """What a test registers is gone after it."""
    before = dict(handlers.registry)
    yield
    handlers.registry.clear()
    handlers.registry |= before
