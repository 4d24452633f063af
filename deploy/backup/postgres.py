"""Copies of a PostgreSQL and the way back to a moment: a base and the archive of what came after it.

Runs as the user that runs the server. The archive is filled by the server itself, by archive_wal.sh.
"""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from deploy.backup.store import Base, Store
from deploy.local.postgres import program

# PostgreSQL's restore_command. 1 tells that history ends here; 255 stops the server, which must not take damage or a
# disk that is away for the end.
FETCH = 'test -d "{wal}" || exit 255; test -e "{wal}/%f.gz" || exit 1; gzip -dc "{wal}/%f.gz" > "%p" || exit 255'
FIRST_SEGMENT = re.compile(r"^START WAL LOCATION: \S+ \(file (\w+)\)", re.MULTILINE)
# Nobody writes at one segment for so long.
ABANDONED_SECONDS = 86_400


def copy(address: str, directory: Path) -> None:
    """Copy the server at `address`, primary or replica, into `directory`, with the history of the copying itself.

    Each file is compared with the checksum that the server sent.
    """
    options: dict[str, Any] = conninfo_to_dict(address)
    # Everybody may read command lines.
    password = {"PGPASSWORD": secret} if (secret := options.pop("password", None)) else {}
    options.pop("dbname", None)
    data = directory / "data"
    command = ["pg_basebackup", "-d", make_conninfo(**options), "-D", str(data), "-X", "stream", "-c", "fast"]
    _run([*command, "--no-password"], password)
    _run(["pg_verifybackup", "--quiet", str(data)])


def restore(store: Store, base: Base, until: datetime | None, data: Path) -> None:
    """Make `data` a server that, once started, goes on from `base` to `until` and then takes writes.

    Without `until` it goes to the archive's end. It archives nothing, so that a drill leaves the archive alone.
    """
    shutil.copytree(base.path / "data", data, symlinks=True, dirs_exist_ok=True)
    _run(["pg_verifybackup", "--quiet", str(data)])
    # A base of a replica would go on as one.
    (data / "standby.signal").unlink(missing_ok=True)
    (data / "recovery.signal").touch(mode=0o600)
    settings = {"restore_command": FETCH.format(wal=store.wal), "archive_mode": "off"}
    if until:
        settings |= {"recovery_target_time": until.isoformat(), "recovery_target_action": "promote"}
    with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as config:
        config.writelines(f"{name} = '{value}'\n" for name, value in settings.items())


def clean_archive(store: Store) -> None:
    """Drop the history from before the oldest base, and what killed archivers have left."""
    if not store.wal.exists():
        return
    for path in store.wal.glob("unfinished.*"):
        if path.stat().st_mtime < time.time() - ABANDONED_SECONDS:
            path.unlink()
    label = (store.bases[0].path / "data" / "backup_label").read_text(encoding="utf-8")
    [first] = FIRST_SEGMENT.findall(label)
    _run(["pg_archivecleanup", "-x", ".gz", str(store.wal), first])


def age_of_archive(store: Store) -> float | None:
    """Seconds since the archive was last added to; None without one."""
    newest = max((path.stat().st_mtime for path in store.wal.glob("*.gz")), default=None)
    return newest and time.time() - newest


def _run(command: Sequence[str], environment: dict[str, str] | None = None) -> None:
    result = subprocess.run(  # noqa: S603 (PostgreSQL's own programs)
        [program(command[0]), *command[1:]], env=os.environ | (environment or {}), check=False
    )
    if result.returncode:
        raise SystemExit(f"{command[0]} failed, see above.")
