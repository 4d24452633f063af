"""Streaming replication between private PostgreSQL servers: copying, following, promoting, rewinding, holding back."""

from pathlib import Path

from psycopg import sql
from psycopg.conninfo import make_conninfo

from deploy.local import postgres
from deploy.local.postgres import Server


def copy(primary: Server, data: Path, name: str) -> None:
    """Make `data` a standby's copy of `primary`, with the slot `name` there. A third of a second when empty."""
    # An earlier copy may have been interrupted: its slot is in the way.
    primary.query("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s", [name])
    command = ["pg_basebackup", "-d", _address(primary, name), "-D", str(data), "--no-sync"]
    command += ["-R", "-X", "stream", "-c", "fast", "-C", "-S", name]
    postgres.run(command, data.parent, {"PGPASSWORD": primary.password})


def follow(standby: Server, primary: Server, name: str) -> None:
    """Let `standby` stream from `primary` from now on, and keep what it lacks there in the slot `name`."""
    slot = "SELECT pg_create_physical_replication_slot(%s, true) WHERE NOT EXISTS ({})"
    there = "SELECT FROM pg_replication_slots WHERE slot_name = %s"
    primary.query(sql.SQL(slot).format(sql.SQL(there)), [name, name])
    source = make_conninfo(_address(primary, name), password=primary.password)
    standby.query(sql.SQL("ALTER SYSTEM SET primary_conninfo = {}").format(sql.Literal(source)))
    standby.query(sql.SQL("ALTER SYSTEM SET primary_slot_name = {}").format(sql.Literal(name)))
    standby.query("SELECT pg_reload_conf()")


def promote(standby: Server) -> None:
    """Make it a primary, and wait until it takes writes."""
    standby.query("SELECT pg_promote(wait => true)")
    # Until its first checkpoint pg_rewind would take it for a server of the old timeline.
    standby.query("CHECKPOINT")


def rewind(data: Path, primary: Server) -> None:
    """Turn the directory of an ended former primary into a standby's copy of `primary`: what only it knew is lost."""
    command = ["pg_rewind", "-D", str(data), "--source-server", _address(primary, "rewind"), "-R", "--no-sync"]
    postgres.run(command, data.parent, {"PGPASSWORD": primary.password})


def lag(primary: Server) -> dict[str, int]:
    """How many bytes of history each streaming standby, by its name, has yet to replay."""
    rows = primary.query(
        "SELECT application_name, pg_wal_lsn_diff(pg_current_wal_insert_lsn(), replay_lsn)::bigint"
        " FROM pg_stat_replication WHERE state = 'streaming'"
    )
    return dict(rows)


def is_standby(server: Server) -> bool:
    """Whether it only reads."""
    return bool(server.query("SELECT pg_is_in_recovery()")[0][0])


def _address(server: Server, name: str) -> str:
    return make_conninfo(
        host="127.0.0.1",
        port=server.port,
        user=postgres.USER,
        dbname="postgres",
        application_name=name,
        connect_timeout=2,
    )
