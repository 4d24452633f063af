"""Which database errors mean what for routing."""

from django.db import DatabaseError, OperationalError

# Administrator's or crash's shutdown, starting up, idle session ended, connection exceptions, too many of them.
LOST_STATES = {"57P01", "57P02", "57P03", "57P05", "53300"}
CONNECTION_CLASS = "08"
CONFLICT = "40001"
READ_ONLY = "25006"


def is_lost(error: BaseException) -> bool:
    """Whether the server could not be reached or has gone: refused, timed out, closed, shutting down."""
    cause = error.__cause__
    # Other databases' errors have no SQLSTATE, and mean other things.
    if not isinstance(error, OperationalError) or cause is None or not hasattr(cause, "sqlstate"):
        return False
    state = cause.sqlstate
    return state is None or state in LOST_STATES or state.startswith(CONNECTION_CLASS)


def is_conflict(error: BaseException) -> bool:
    """Whether replay on a standby canceled the query: another server can answer it."""
    return _sqlstate(error) == CONFLICT


def is_read_only(error: BaseException) -> bool:
    """Whether a write met a server that takes none: a demoted primary."""
    return _sqlstate(error) == READ_ONLY


def _sqlstate(error: BaseException) -> str | None:
    return getattr(error.__cause__, "sqlstate", None) if isinstance(error, DatabaseError) else None
