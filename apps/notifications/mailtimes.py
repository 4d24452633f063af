"""When mails go out: each story has hours of its own, so that the mails of all do not leave in the same minute."""

from datetime import UTC, datetime, timedelta

HOUR_SECONDS = 3600
# Longer than the transaction that tells somebody takes to commit.
GRACE = timedelta(minutes=1)


def hour_of(story_id: int, now: datetime) -> int:
    """The number of the story's present hour."""
    return int(now.timestamp() + _shift(story_id)) // HOUR_SECONDS


def end_of(story_id: int, hour: int) -> datetime:
    """When that hour is over."""
    return datetime.fromtimestamp((hour + 1) * HOUR_SECONDS - _shift(story_id), UTC)


def _shift(story_id: int) -> int:
    return story_id % 60 * 60
