"""How the log looks: a line of JSON for each entry, or words for a developer's eyes. Imports no settings.

What people have sent stays out of it: paths may hold names and keys, values of queries anything.
"""

import re
from typing import Any

import structlog
from structlog.types import EventDict, Processor

from apps.core import tracing

# What entries say besides their sentence.
FACTS = ("seconds", "queries", "status", "cache", "database", "sql")
# PostgreSQL's: "Key (email)=(ada@example.org) already exists."
DETAIL = re.compile(r"\nDETAIL:[^\n]*")


def config(level: str, *, is_readable: bool) -> dict[str, Any]:
    """What logging.config.dictConfig takes, for Django and for gunicorn."""
    render: Processor = structlog.dev.ConsoleRenderer(colors=False)
    if not is_readable:
        render = structlog.processors.JSONRenderer()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [
                    structlog.processors.TimeStamper(fmt="iso"),
                    structlog.stdlib.add_log_level,
                    structlog.stdlib.add_logger_name,
                    structlog.stdlib.ExtraAdder(FACTS),
                    note_trace,
                    without_path,
                    structlog.processors.format_exc_info,
                    without_detail,
                ],
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
            },
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        # It would have a form of its own.
        "loggers": {"gunicorn.error": {"propagate": True}},
    }


def note_trace(_: Any, __: str, entry: EventDict) -> EventDict:
    """Say what was being done, and for which request."""
    trace = tracing.trace()
    found = {"request_id": trace.request_id, "doing": trace.doing}
    entry.update({name: value for name, value in found.items() if value})
    return entry


def without_path(_: Any, __: str, entry: EventDict) -> EventDict:
    """Of "Not Found: /feeds/rss/inbox/<key>", as Django has it, the first half."""
    if hasattr(entry["_record"], "request"):
        entry["event"] = entry["event"].partition(": ")[0]
    return entry


def without_detail(_: Any, __: str, entry: EventDict) -> EventDict:
    """Leave out the rows that PostgreSQL quotes in its errors."""
    entry.update({name: DETAIL.sub("", entry[name]) for name in ("event", "exception") if name in entry})
    return entry
