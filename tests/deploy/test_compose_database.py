"""The scripts that deploy/compose.yaml gives to PostgreSQL's image, on a real PostgreSQL."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from deploy.local import postgres, processes, scratch
from deploy.local.postgres import Server
from deploy.local.processes import Program
from tests.replicas.servers import until

pytestmark = pytest.mark.cluster
SCRIPTS = scratch.ROOT / "deploy" / "compose"
# Both find their passwords in /run/secrets, which is theirs alone.
WITH_SECRETS = 'mount -t tmpfs tmpfs /run && cp -r "$1" /run/secrets && chmod 755 /run/secrets && shift && exec "$@"'
# In the place of the one in PostgreSQL's image.
ENTRYPOINT = (
    '#!/bin/sh\nprogram=$1\nshift\nexec {programs}/"$program" "$@" -c port={port} -c unix_socket_directories=\n'
)


@pytest.fixture
def home() -> Iterator[Path]:
    with scratch.directory(user=postgres.USER) as home:
        shutil.copy(SCRIPTS / "secrets", home)
        subprocess.run(["sh", str(home / "secrets")], check=True)
        yield home


@pytest.fixture
def primary() -> Iterator[Server]:
    with postgres.running({}) as primary:
        yield primary


def command(home: Path, script: str, *arguments: str) -> list[str]:
    as_postgres = processes.bound(postgres.USER)
    run = ["unshare", "--mount", "sh", "-euc", WITH_SECRETS, "sh", str(home / "secrets.d")]
    return [*run, *as_postgres, "sh", str(SCRIPTS / script), *arguments]


def secret(home: Path, name: str) -> str:
    return (home / "secrets.d" / name).read_text(encoding="ascii")


def start_replica(home: Path, primary: Server, port: int) -> processes.Process:
    environment = {"PGDATA": str(home / "data"), "PGHOSTADDR": "127.0.0.1", "PGPORT": str(primary.port)}
    environment["PATH"] = f"{home}:{Path(postgres.program('postgres')).parent}:/usr/bin:/bin"
    return processes.serve(
        Program(
            command=command(home, "replica.sh", "postgres", "-cwal_log_hints=on"),
            log=home / "log",
            user="",
            ending=postgres.ENDING,
            attempt=partial(ask, home, port),
            environment=environment,
        )
    )


def ask(home: Path, port: int) -> bool:
    """Whether the server there is a replica, asked as the site."""
    address = make_conninfo(host="127.0.0.1", port=port, user="site", dbname="site")
    try:
        with psycopg.connect(address, password=secret(home, "site_password")) as connection:
            [is_replica] = connection.execute("SELECT pg_is_in_recovery()").fetchone() or [None]
            return bool(is_replica)
    except psycopg.OperationalError as refusal:
        raise ConnectionError from refusal


def test_primary_gets_its_roles_and_the_replica_follows_it_again_and_again(home: Path, primary: Server) -> None:
    port = processes.free_port()
    (home / "docker-entrypoint.sh").write_text(
        ENTRYPOINT.format(programs=Path(postgres.program("postgres")).parent, port=port), encoding="ascii"
    )
    (home / "docker-entrypoint.sh").chmod(0o755)
    environment = {"PGHOST": "127.0.0.1", "PGPORT": str(primary.port), "PGPASSWORD": primary.password}
    environment |= {"PGDATA": str(primary.data), "PATH": "/usr/bin:/bin"}
    subprocess.run(command(home, "roles.sh"), check=True, env=environment, capture_output=True)
    primary.query("SELECT pg_reload_conf()")

    followed = []
    for _ in range(2):
        replica = start_replica(home, primary, port)
        # It answers before it streams.
        until(lambda: primary.query("SELECT slot_name FROM pg_replication_slots WHERE active") == [("replica",)])
        followed.append((ask(home, port), primary.query("SELECT slot_name FROM pg_replication_slots")))
        processes.stop(replica, postgres.ENDING)

    assert followed == [(True, [("replica",)])] * 2
    assert not ask_primary_as_superuser(home, primary)


def ask_primary_as_superuser(home: Path, primary: Server) -> bool:
    """Whether the site's role may do everything."""
    with suppress(psycopg.errors.InsufficientPrivilege):
        address = make_conninfo(host="127.0.0.1", port=primary.port, user="site", dbname="site")
        with psycopg.connect(address, password=secret(home, "site_password")) as connection:
            connection.execute("CREATE ROLE another")
        return True
    return False
