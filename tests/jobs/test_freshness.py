"""Which database a job's step outside may read from."""

import pytest
from pytest_django.fixtures import Settings

from apps.jobs.handlers import handler
from apps.replicas import state, tokens
from tests.jobs.names import enqueued, run

pytestmark = pytest.mark.django_db


def test_step_outside_reads_from_replicas_that_have_what_enqueued_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REPLICAS = ["replica1"]
    monkeypatch.setattr(tokens, "current", lambda: 42)
    needed: list[int | None] = []

    def look() -> None:
        now = state.current()
        needed.append(now.needed if now else None)

    @handler("test.look", outside=look)
    def note(_: None) -> None:
        look()

    run(enqueued("test.look"))

    assert needed == [42, None]
