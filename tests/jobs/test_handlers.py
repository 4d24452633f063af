"""Registration, and the turns of scheduled jobs."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.jobs import handlers
from apps.jobs.handlers import handler, scheduled


def test_two_handlers_of_one_name_are_refused() -> None:
    handler("test.one")(lambda: None)

    with pytest.raises(ValueError, match=r"test\.one"):
        handler("test.one")(lambda: None)


def test_unknown_queue_is_refused() -> None:
    with pytest.raises(ValueError, match="only fast, default, slow"):
        handler("test.one", queue="urgent")(lambda: None)


def test_each_span_of_time_has_its_own_key() -> None:
    handlers.registry.clear()
    scheduled("test.hourly", every=timedelta(hours=1))(lambda: None)
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)

    beats = [handlers.beats(noon + timedelta(minutes=minutes)) for minutes in (0, 59, 60)]

    assert beats[0] == beats[1] == {f"beat:test.hourly:{noon.timestamp() // 3600:.0f}": "test.hourly"}
    assert beats[2] == {f"beat:test.hourly:{noon.timestamp() // 3600 + 1:.0f}": "test.hourly"}
