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
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from deploy.local import processes, scratch

# PostgreSQL refuses to run as root; Debian's package makes this user.
USER = "postgres"
INSTALLED = Path("/usr/lib/postgresql")
# What lives as long as a test run need not reach the disk.
FOR_TESTS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
START_SECONDS = 60
# Between finding a free port and listening on it, another program may take it.
START_TRIES = 3


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its process, data directory, port, and the password of its superuser USER."""

    process: processes.Process
    data: Path
    port: int
    password: str

    def url(self, database: str) -> str:
        """The address of `database` as DATABASE_URL has it."""
        return f"postgres://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"


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
            # "Fast" shutdown: sessions are ended, data is written.
            processes.stop(server.process, signal.SIGINT)


def initialize(directory: Path, password: str) -> Path:
    """Make an empty data directory in `directory`, and return it."""
    data, secret = directory / "data", directory / "password"
    secret.touch(mode=0o600)
    secret.write_text(password, encoding="ascii")
    if os.geteuid() == 0:
        shutil.chown(secret, USER, USER)
    command = [program("initdb"), "--no-sync", "-D", str(data), "-U", USER, "-A", "scram-sha-256"]
    command += ["--pwfile", str(secret), "-E", "UTF8", "--locale", "C.UTF-8"]
    result = subprocess.run(  # noqa: S603 (a fixed program with our own arguments)
        [*processes.bound(USER), *command], cwd=directory, check=False, capture_output=True, text=True
    )
    if result.returncode:
        raise SystemExit(f"The private PostgreSQL could not be made:\n{result.stdout}{result.stderr}")
    return data


def start(data: Path, password: str, settings: dict[str, str]) -> Server:
    """Start a server on `data`, on a free port, and wait until it answers."""
    log = data.parent / "log"
    for _ in range(START_TRIES):
        port = processes.free_port()
        own = {"port": str(port), "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        command = [program("postgres"), "-D", str(data)]
        command += [argument for name, value in (own | settings).items() for argument in ("-c", f"{name}={value}")]
        process = processes.start(command, log=log, user=USER, ending="INT")
        server = Server(process, data, port, password)
        if _answers(server):
            return server
    raise SystemExit(f"The private PostgreSQL does not start:\n{log.read_text(encoding='utf-8', errors='replace')}")


def create_database(server: Server, name: str) -> str:
    """Make an empty database, and return its address."""
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
    return server.url(name)


def program(name: str) -> str:
    """The path of one of PostgreSQL's programs, of the newest version that is installed."""
    # The full path: another, incomplete `postgres` may come first on PATH.
    found = sorted(INSTALLED.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    if not found:
        raise SystemExit("PostgreSQL is not installed. Install it: apt-get install postgresql")
    return str(found[-1])


def _answers(server: Server) -> bool:
    """Whether the server answers before it ends or START_SECONDS are over."""
    deadline = time.monotonic() + START_SECONDS
    try:
        while server.process.poll() is None and time.monotonic() < deadline:
            try:
                psycopg.connect(server.url("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return True
    except BaseException:
        processes.stop(server.process, signal.SIGINT)
        raise
    processes.stop(server.process, signal.SIGQUIT)
    return False


def main(arguments: list[str]) -> int:
    """Run the command after `--` beside a fresh server for tests; its exit status."""
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        raise SystemExit("Say what to run: python -m deploy.local.postgres -- COMMAND…")
    with running(FOR_TESTS) as server:
        return processes.run_to_end(command, {"DATABASE_URL": create_database(server, "groundswell")})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
