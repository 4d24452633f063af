"""The databases of a fleet before they run: made, copied, rewound; and how far they are. Their servers: postgres.py."""

import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from psycopg import sql

from deploy.local import postgres, replication, scratch, statements
from deploy.local.members import SITE, Database

SETTINGS = f"""
# The fleet's own
wal_level = replica
hot_standby = on
wal_log_hints = on
# A replica is back this soon after its primary, not after five seconds.
wal_retrieve_retry_interval = 500ms
# A replica that stays away must not fill the disk with what is kept for it.
max_slot_wal_keep_size = 1GB
# To rewind, a former primary needs its own history from before the others left it.
wal_keep_size = 256MB
{statements.SETTINGS}
"""
# What is thrown away after a run need not reach the disk. Killed servers lose nothing by it, only a machine would.
NOT_KEPT = "fsync = off\n"
REPLAY_SECONDS = 180


def make(primary: Database, *, is_kept: bool) -> None:
    """Make the first primary's data directory, unless it is there."""
    if not primary.data.exists():
        settings = SETTINGS + ("" if is_kept else NOT_KEPT)
        _make(primary, lambda place: postgres.initialize(place, primary.password, settings))


def prepare(primary: Database) -> None:
    """Give the site its role and its database in a running primary, unless it has them."""
    server = primary.server
    if not server.query("SELECT 1 FROM pg_roles WHERE rolname = %s", [SITE]):
        role = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
        server.query(role.format(sql.Identifier(SITE), sql.Literal(primary.password)))
    if not server.query("SELECT 1 FROM pg_database WHERE datname = %s", [SITE]):
        server.query(sql.SQL("CREATE DATABASE {0} OWNER {0}").format(sql.Identifier(SITE)))
        statements.prepare(primary)


def make_replica(replica: Database, primary: Database) -> None:
    """Make an ended database a replica of the running `primary`: copied if it is new, rewound if it was a primary."""
    if not replica.data.exists():
        _make(replica, lambda place: replication.copy(primary.server, place / "data", replica.name))
    elif not (replica.data / "standby.signal").exists():
        replication.rewind(replica.data, primary.server)
    replication.point(replica.data, primary.server, replica.name)


def wait_for_replay(primary: Database, replicas: Sequence[Database]) -> None:
    """Return when the replicas have what the primary has now; TimeoutError after a while."""
    [(position,)] = primary.query("SELECT pg_current_wal_flush_lsn()::text")
    deadline = time.monotonic() + REPLAY_SECONDS
    for replica in replicas:
        while not replica.query("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [position])[0][0]:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{replica.name} has not reached {position} in {REPLAY_SECONDS} s.")
            time.sleep(0.02)


def _make(database: Database, make: Callable[[Path], object]) -> None:
    """Make the data directory elsewhere first: an interrupted making leaves none that looks whole."""
    place = database.directory / "unfinished"
    shutil.rmtree(place, ignore_errors=True)
    scratch.own(place, database.user)
    make(place)
    (place / "data").rename(database.data)
    shutil.rmtree(place)
