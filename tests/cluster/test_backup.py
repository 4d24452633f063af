"""A drill: everything is copied while people write, somebody wipes it out, and it is brought back to just before."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.backup.__main__ import main as backup
from deploy.local import postgres, processes, scratch
from deploy.local.fleet import Fleet
from deploy.local.members import SITE
from deploy.local.postgres import Server
from tests.cluster.conftest import Member
from tests.cluster.writing import acknowledged, writing
from tests.replicas.servers import until

pytestmark = pytest.mark.cluster

COPIED = scratch.ROOT / "deploy" / "backup" / "archive_wal.sh"
TEXTS = "SELECT markdown FROM comments_commenttext"


@pytest.fixture
def store(here: Fleet, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the backups are kept; the primary archives there."""
    with scratch.directory(user=postgres.USER) as place:
        directory = owned(place / "backup")
        owned(directory / "wal")
        # The server may not enter the checkout.
        script = directory / COPIED.name
        script.write_bytes(COPIED.read_bytes())
        script.chmod(0o755)
        monkeypatch.setenv("BACKUP_DIR", str(directory))
        monkeypatch.setenv("BACKUP_DATABASE_URL", here.primary.server.url("postgres"))
        monkeypatch.setenv("VAR_DIR", here.environment["VAR_DIR"])
        archive(
            here, {"archive_mode": "on", "archive_command": f"{script} %p {directory}/wal", "archive_timeout": "1s"}
        )
        yield directory
        archive(here, dict.fromkeys(("archive_mode", "archive_command", "archive_timeout"), ""))


def archive(here: Fleet, settings: dict[str, str]) -> None:
    for name, value in settings.items():
        here.primary.query(f"ALTER SYSTEM SET {name} = '{value}'" if value else f"ALTER SYSTEM RESET {name}")
    here.restart(here.primary)


def owned(directory: Path) -> Path:
    """The server's; made when it is missing."""
    directory.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", f"{postgres.USER}:", directory], check=True)
    return directory


def is_archived(here: Fleet, position: str) -> bool:
    """Whether the archive reaches beyond this place of the primary's history."""
    [(reached,)] = here.primary.query(
        "SELECT coalesce(last_archived_wal, '') > pg_walfile_name(%s) FROM pg_stat_archiver", [position]
    )
    return bool(reached)


def restored(place: Path, here: Fleet, moment: datetime) -> Server:
    """A server that has gone on from the base to that moment."""
    backup(["restore", "--until", moment.isoformat(), "--database", str(place / "data")])
    server = postgres.start(owned(place / "data"), here.primary.password, {})
    until(lambda: server.query("SELECT NOT pg_is_in_recovery()") == [(True,)])
    return server


def texts(server: Server) -> set[str]:
    return {text for (text,) in server.query(TEXTS, database=SITE)}


def test_all_that_was_acknowledged_before_a_moment_is_back_and_nothing_of_later(
    here: Fleet, store: Path, members: list[Member], stories: list[str], tmp_path: Path
) -> None:
    picture = here.media_root / "previews" / "0" / "1-drill.webp"
    with writing(members, stories) as answers:
        until(lambda: len(acknowledged(answers.copy())) > 10)
        backup(["take"])
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_bytes(b"a picture")
        backup(["media"])
        told = len(acknowledged(answers.copy()))
        until(lambda: len(acknowledged(answers.copy())) > told + 10)
        before = acknowledged(answers.copy())
        moment, ticks = datetime.now(UTC), time.monotonic_ns()
        until(lambda: len(acknowledged(answers.copy())) > len(before) + 10)
    later = {text for text in answers if int(text.rstrip(".").rpartition(" ")[2]) > ticks}
    here.primary.query("UPDATE comments_commenttext SET markdown = 'wiped out'")
    picture.unlink()
    [(position,)] = here.primary.query("SELECT pg_current_wal_insert_lsn()::text")
    until(lambda: is_archived(here, position))

    with scratch.directory(user=postgres.USER) as place:
        server = restored(place, here, moment)
        backup(["restore", "--until", moment.isoformat(), "--media", str(tmp_path)])
        there = texts(server)
        settings = {**os.environ, **here.environment, "DATABASE_URL": server.url(SITE), "DATABASE_REPLICA_URLS": ""}
        recount = [sys.executable, "manage.py", "recount"]
        counted = subprocess.run(recount, cwd=scratch.ROOT, env=settings, check=False, capture_output=True, text=True)
        processes.stop(server.process, postgres.ENDING)

    assert before <= there
    assert later
    assert not later & there
    assert "wiped out" not in there
    assert (tmp_path / picture.relative_to(here.media_root)).read_bytes() == b"a picture"
    assert counted.stdout == "Every counter is right.\n", counted.stderr
