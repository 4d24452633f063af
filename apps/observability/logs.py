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
# "Not Found: /feeds/rss/inbox/<key>", "Forbidden (Origin checking failed - https://example.org does not match …".
DJANGO_SENT = re.compile(r"(: | - ).*", re.DOTALL)
# "Invalid request from ip=192.0.2.7: …", "Error handling request GET /feeds/rss/inbox/<key>".
GUNICORN_SENT = re.compile(r"(?<=^Invalid request) .*|(?<=^Error handling request) .*", re.DOTALL)
# PostgreSQL's: "Key (email)=(ada@example.org) already exists.", the statement, its parameters, what is not of its type.
# Values may have lines of their own, so all goes up to where the error ends, or in a trace the next one begins.
QUOTED = re.compile(
    r"(?:\n(?:DETAIL|CONTEXT|QUERY|LINE \d+):"
    r'|((?:invalid input syntax for type [a-z0-9_ ]+|malformed array literal|out of range): )")'
    r".*?(?=\n\n(?:The above exception|During handling of)|\Z)",
    re.DOTALL,
)


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
                    without_blame,
                    structlog.processors.format_exc_info,
                    without_quotes,
                ],
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
            },
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        # They would say it in a form of their own: Django's while debugging, with the paths.
        "loggers": {"gunicorn.error": {"propagate": True}, "django": {"handlers": []}},
    }


def note_trace(_: Any, __: str, entry: EventDict) -> EventDict:
    """Say what was being done, and for which request."""
    trace = tracing.trace()
    found = {"request_id": trace.request_id, "doing": trace.doing}
    entry.update({name: value for name, value in found.items() if value})
    return entry


def without_path(_: Any, __: str, entry: EventDict) -> EventDict:
    """Of what Django and gunicorn say of a request, what stands before its path, its address or its words."""
    if hasattr(entry["_record"], "request"):
        entry["event"] = DJANGO_SENT.sub("", entry["event"])
    if entry["logger"] == "gunicorn.error":
        entry["event"] = GUNICORN_SENT.sub("", entry["event"])
    return entry


def without_blame(_: Any, __: str, entry: EventDict) -> EventDict:
    """Of requests that Django refuses as suspicious, a wrong Host above all: no error of ours, and no trace."""
    if entry["logger"].startswith("django.security."):
        entry.update({"level": "warning", "exc_info": None})
    return entry


def without_quotes(_: Any, __: str, entry: EventDict) -> EventDict:
    """Leave out the rows and values that PostgreSQL quotes in its errors."""
    entry.update({name: QUOTED.sub(r"\1", entry[name]) for name in ("event", "exception") if name in entry})
    return entry
