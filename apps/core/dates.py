"""Times as people read them. Not here: time zones of people (pages speak of spans, machines of UTC)."""

from datetime import datetime

SPANS = (("year", 31_536_000), ("month", 2_592_000), ("day", 86_400), ("hour", 3_600), ("minute", 60))


def ago(moment: datetime, now: datetime) -> str:
    """The span between `moment` and `now` in its largest whole unit, such as "3 hours ago"."""
    seconds = (now - moment).total_seconds()
    for unit, length in SPANS:
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"
