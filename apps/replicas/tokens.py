"""Freshness tokens: a position in the primary's history as one number. Not here: who holds which (viewers.py).

On PostgreSQL: the timeline above 64 bits of WAL position, so that what a promoted server writes is newer than all
that its predecessor wrote, also what was lost with it. On SQLite: the nanosecond clock.
"""

import time
from typing import Any, cast

from django.core import signing
from django.db import connections

SECONDS = 60
PAGE = 8192
PAGE_HEADER = 24
SEGMENT_HEADER = 40
CURRENT = """
    SELECT pg_walfile_name(pg_current_wal_insert_lsn()),
           pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0'),
           pg_size_bytes(current_setting('wal_segment_size'))
"""


def current() -> int:
    """What has been committed up to now, as a token. 1 query on the primary; on SQLite none.

    The insert position: the flush position lags behind what is visible with asynchronous commit.
    """
    primary: Any = connections["default"]
    if primary.vendor != "postgresql":
        return time.time_ns()
    primary.ensure_connection()
    # Straight to the driver: nothing that watches queries needs to see this one.
    with primary.wrap_database_errors:
        row = primary.connection.execute(CURRENT).fetchone()
    file, position, segment = cast("tuple[str, int, int]", row)
    return token(int(file[:8], 16), normalized(int(position), int(segment)))


def token(timeline: int, position: int) -> int:
    """One number for both; a later timeline is newer than any position of an earlier one."""
    return timeline << 64 | position


def normalized(position: int, segment: int) -> int:
    """`position` without the header of the page that it stands on the first byte after.

    When a record ends exactly on a page, the insert position skips the next page's header at once, while replay
    stops before it: unnormalized, a quiet replica looks behind until somebody writes.
    """
    header = SEGMENT_HEADER if position % segment < PAGE else PAGE_HEADER
    return position - header if position % PAGE == header else position


def sign(token: int) -> str:
    """The token for a cookie or a header: signed, for SECONDS from now."""
    return _signer().sign(f"{token:x}")


def unsign(text: str) -> int:
    """The token in `text`, or 0 for nothing, one that was tampered with, or an old one."""
    try:
        return int(_signer().unsign(text, max_age=SECONDS), 16)
    except signing.BadSignature:
        return 0


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="replicas.token")
