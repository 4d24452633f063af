"""A private PostgreSQL: own directory, free port of the loopback address, random password, nothing left afterwards.

`python -m deploy.local.postgres -- COMMAND…` runs COMMAND with DATABASE_URL naming an empty database, and ends
with its exit status. A system PostgreSQL is neither needed nor touched.
"""

import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from deploy.local import processes, scratch

# PostgreSQL refuses to run as root; Debian's package makes this user.
USER = "postgres"
INSTALLED = Path("/usr/lib/postgresql")
# What lives as long as a test run need not reach the disk.
FOR_TESTS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# "Fast" shutdown: sessions are ended, data is written.
ENDING = signal.SIGINT
# Between finding a free port and listening on it, another program may take it.
START_TRIES = 3

Statement = LiteralString | sql.Composed


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its process, data directory, port, the password of its superuser USER, and its address."""

    process: processes.Process
    data: Path
    port: int
    password: str
    host: str = processes.LOOPBACK

    def url(self, database: str) -> str:
        """The address of `database` as DATABASE_URL has it."""
        return f"postgres://{USER}:{self.password}@{self.host}:{self.port}/{database}"

    def query(self, statement: Statement, values: Sequence[object] = (), database: str = USER) -> list[tuple[Any, ...]]:
        """Run one statement as the superuser, outside a transaction; its rows. Ten seconds to connect."""
        with psycopg.connect(self.url(database), autocommit=True, connect_timeout=10) as connection:
            while True:
                # A replica gives up questions that stand in the way of its replay.
                with suppress(psycopg.errors.SerializationFailure):
                    cursor = connection.execute(statement, values or None)
                    return cursor.fetchall() if cursor.description else []


@contextmanager
def running(settings: dict[str, str]) -> Iterator[Server]:
    """A fresh server with `settings` on top of its defaults, for the length of the block. About a second."""
    with scratch.directory(user=USER) as directory:
        password = secrets.token_hex(16)
        data = initialize(directory, password)
        server = start(data, password, settings)
        try:
            yield server
        finally:
            processes.stop(server.process, ENDING)


def initialize(directory: Path, password: str, settings: str = "") -> Path:
    """Make an empty data directory in `directory`, with lines for its postgresql.conf, and return it."""
    data, secret = directory / "data", directory / "password"
    secret.touch(mode=0o600)
    secret.write_text(password, encoding="ascii")
    if os.geteuid() == 0:
        shutil.chown(secret, USER, USER)
    # Checksums, which pg_rewind needs, cost nothing that a test could measure.
    command = ["initdb", "--no-sync", "--data-checksums", "-D", str(data), "-U", USER, "-A", "scram-sha-256"]
    run([*command, "--pwfile", str(secret), "-E", "UTF8", "--locale", "C.UTF-8"], directory)
    with (data / "postgresql.conf").open("a", encoding="ascii") as config:
        config.write(settings)
    with (data / "pg_hba.conf").open("a", encoding="ascii") as rights:
        rights.writelines(f"host {what} all samenet scram-sha-256\n" for what in ("all", "replication"))
    return data


def start(data: Path, password: str, settings: Mapping[str, str]) -> Server:
    """Start a server on `data`, on a free port, and wait until it answers."""
    for _ in range(START_TRIES):
        port = processes.free_port()
        server = program_on(data, password, settings, port)
        process = processes.start(server)
        if processes.answers(process, server.attempt):
            return Server(process, data, port, password)
        processes.kill(process)
    words = server.log.read_text(encoding="utf-8", errors="replace")
    raise SystemExit(f"The private PostgreSQL does not start:\n{words}")


def program_on(
    data: Path, password: str, settings: Mapping[str, str], port: int, host: str = processes.LOOPBACK
) -> processes.Program:
    """The server on `data` that listens on `port`, ready to be started."""
    own = {"port": str(port), "listen_addresses": host, "unix_socket_directories": ""}
    command = [program("postgres"), "-D", str(data)]
    command += [argument for name, value in (own | dict(settings)).items() for argument in ("-c", f"{name}={value}")]
    log = data.parent / "log"
    attempt = partial(_connect, host, port, password)
    return processes.Program(command=command, log=log, user=USER, ending=ENDING, attempt=attempt)


def create_database(server: Server, name: str) -> str:
    """Make an empty database, and return its address."""
    server.query(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return server.url(name)


def run(command: Sequence[str], directory: Path, environment: Mapping[str, str] | None = None) -> None:
    """Run one of PostgreSQL's programs to its end, as its user; the end with its words when it fails."""
    result = subprocess.run(  # noqa: S603 (a fixed program with our own arguments)
        [*processes.bound(USER), program(command[0]), *command[1:]],
        cwd=directory,
        env={**os.environ, **(environment or {})},
        check=False,
        capture_output=True,
        text=True,
    )
    if result.returncode:
        raise SystemExit(f"{command[0]} failed:\n{result.stdout}{result.stderr}")


def program(name: str) -> str:
    """The path of one of PostgreSQL's programs, of the newest version that is installed."""
    # The full path: another, incomplete `postgres` may come first on PATH.
    found = sorted(INSTALLED.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    if not found:
        raise SystemExit("PostgreSQL is not installed. Install it: apt-get install postgresql")
    return str(found[-1])


def _connect(host: str, port: int, password: str) -> None:
    try:
        psycopg.connect(host=host, port=port, user=USER, password=password, connect_timeout=5).close()
    except psycopg.OperationalError as refusal:
        raise ConnectionError from refusal


def main(arguments: list[str]) -> int:
    """Run the command after `--` beside a fresh server for tests; its exit status."""
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        raise SystemExit("Say what to run: python -m deploy.local.postgres -- COMMAND…")
    with running(FOR_TESTS) as server:
        return processes.run_to_end(command, {"DATABASE_URL": create_database(server, "groundswell")})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
