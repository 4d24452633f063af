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


def point(data: Path, primary: Server, name: str) -> None:
    """Let the ended standby on `data` stream from `primary` when it starts, and keep what it lacks there in a slot.

    Afterwards would be too late: a rewound one answers only once it has streamed, and its copied settings are those
    of another server.
    """
    _reserve_slot(primary, name)
    settings = data / "postgresql.auto.conf"
    lines = [line for line in settings.read_text(encoding="utf-8").splitlines() if not line.startswith("primary_")]
    lines += [f"primary_conninfo = '{_source(primary, name)}'", f"primary_slot_name = '{name}'"]
    settings.write_text("\n".join([*lines, ""]), encoding="utf-8")


def follow(standby: Server, primary: Server, name: str) -> None:
    """Let a running standby stream from `primary` from now on, and keep what it lacks there in the slot `name`."""
    _reserve_slot(primary, name)
    source = sql.Literal(_source(primary, name))
    standby.query(sql.SQL("ALTER SYSTEM SET primary_conninfo = {}").format(source))
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


def _reserve_slot(primary: Server, name: str) -> None:
    if not primary.query("SELECT 1 FROM pg_replication_slots WHERE slot_name = %s", [name]):
        primary.query("SELECT pg_create_physical_replication_slot(%s, true)", [name])


def _source(primary: Server, name: str) -> str:
    return make_conninfo(_address(primary, name), password=primary.password)


def _address(server: Server, name: str) -> str:
    return make_conninfo(
        host=server.host,
        port=server.port,
        user=postgres.USER,
        dbname="postgres",
        application_name=name,
        connect_timeout=10,
    )
