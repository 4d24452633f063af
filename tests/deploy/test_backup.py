"""Backups without a server: SQLite while people write, media, what may go, and the archive's way in and out."""

import os
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.backup import media, postgres
from deploy.backup.__main__ import main as backup
from deploy.backup.store import NAME, Store
from deploy.local import scratch
from tests.replicas.servers import until

ARCHIVE = scratch.ROOT / "deploy" / "backup" / "archive_wal.sh"
KEEP = timedelta(days=14)
SEGMENT = "000000010000000000000007"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    for name in ("DATABASE_URL", "BACKUP_DATABASE_URL", "BACKUP_KEEP_DAYS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BACKUP_DIR", str(tmp_path / "backup"))
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    (tmp_path / "var" / "media").mkdir(parents=True)
    return Store(tmp_path / "backup")


@pytest.fixture
def database(store: Store, tmp_path: Path) -> Path:
    path = tmp_path / "var" / "groundswell.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE marks (number integer PRIMARY KEY)")
    return path


@pytest.fixture
def wal(store: Store) -> Path:
    store.wal.mkdir(parents=True)
    return store.wal


@pytest.fixture
def segment(tmp_path: Path) -> Path:
    path = tmp_path / SEGMENT
    path.write_bytes(os.urandom(1 << 20))
    return path


@contextmanager
def writing(database: Path) -> Iterator[list[int]]:
    """Somebody counts; what is in the list has been committed."""
    committed: list[int] = []
    is_over = threading.Event()

    def count() -> None:
        with closing(sqlite3.connect(database, isolation_level=None)) as connection:
            while not is_over.is_set():
                connection.execute("INSERT INTO marks VALUES (?)", [len(committed)])
                committed.append(len(committed))

    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(count)
        try:
            yield committed
        finally:
            is_over.set()
        running.result()


def marks(database: Path) -> list[int]:
    with closing(sqlite3.connect(database)) as connection:
        return [number for (number,) in connection.execute("SELECT number FROM marks ORDER BY number")]


def archive(segment: Path, wal: Path) -> int:
    return subprocess.run([ARCHIVE, segment, wal], check=False, capture_output=True).returncode


def fetch(wal: Path, name: str, target: Path) -> int:
    command = postgres.FETCH.format(wal=wal).replace("%f", name).replace("%p", str(target))
    return subprocess.run(["sh", "-c", command], check=False, capture_output=True).returncode


def base(store: Store, age: timedelta, first_segment: str = SEGMENT) -> Path:
    """A made-up one."""
    path = store.directory / "bases" / (datetime.now(UTC) - age).strftime(NAME)
    (path / "data").mkdir(parents=True)
    label = f"START WAL LOCATION: 0/7000028 (file {first_segment})\nCHECKPOINT LOCATION: 0/7000060\n"
    (path / "data" / "backup_label").write_text(label, encoding="utf-8")
    return path


def test_sqlite_is_copied_whole_while_somebody_writes(store: Store, database: Path, tmp_path: Path) -> None:
    with writing(database) as committed:
        until(lambda: len(committed) > 20)
        before = list(committed)
        backup(["take"])
        moment, taken = datetime.now(UTC), len(committed)
        until(lambda: len(committed) > taken + 20)

    backup(["restore", "--until", moment.isoformat(), "--database", str(tmp_path / "restored.sqlite3")])

    found = marks(tmp_path / "restored.sqlite3")
    assert found[: len(before)] == before
    assert found == list(range(len(found)))
    assert len(found) <= taken + 1


def test_restore_takes_the_newest_copy_of_before_the_moment(store: Store, database: Path, tmp_path: Path) -> None:
    backup(["take"])
    moment = datetime.now(UTC)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("INSERT INTO marks VALUES (1)")
    backup(["take"])

    backup(["restore", "--until", moment.isoformat(), "--database", str(tmp_path / "then")])
    backup(["restore", "--database", str(tmp_path / "now")])

    assert marks(tmp_path / "then") == []
    assert marks(tmp_path / "now") == [1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--until", "1999-01-01T00:00:00Z", "--database", "new"], "No backup in .* is so old: the oldest is of 20"),
        (["--database", "taken"], "taken is there already"),
        ([], "Say what to restore"),
    ],
)
def test_restore_refuses_what_it_cannot_do(
    store: Store, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("taken").write_text("what is here", encoding="utf-8")
    backup(["take"])

    with pytest.raises(SystemExit, match=words):
        backup(["restore", *arguments])

    assert Path("taken").read_text(encoding="utf-8") == "what is here"
    assert not Path("new").exists()


def test_moment_without_a_time_zone_is_refused(store: Store) -> None:
    with pytest.raises(SystemExit):
        backup(["restore", "--until", "2026-11-21T22:10:00", "--database", "new"])


def test_without_a_place_nothing_is_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BACKUP_DIR")

    with pytest.raises(SystemExit, match="BACKUP_DIR=/srv/backup"):
        backup(["take"])


def test_copy_of_a_database_that_is_not_there_fails_and_leaves_nothing(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError):
        backup(["take"])

    assert store.bases == []


def test_media_are_kept_set_aside_when_deleted_and_dropped_in_the_end(store: Store, tmp_path: Path) -> None:
    site, now = tmp_path / "var" / "media", datetime.now(UTC)
    for name in ("stays", "goes"):
        (site / name).write_text(name, encoding="utf-8")
    media.copy(store, site, KEEP, now)
    (site / "goes").unlink()
    media.copy(store, site, KEEP, now)

    media.restore(store, now - timedelta(hours=1), tmp_path / "before")
    media.restore(store, now + timedelta(hours=1), tmp_path / "after")
    media.copy(store, site, KEEP, now + KEEP + timedelta(days=1))

    assert {path.name for path in (tmp_path / "before").iterdir()} == {"stays", "goes"}
    assert {path.name for path in (tmp_path / "after").iterdir()} == {"stays"}
    assert list(store.gone.iterdir()) == []


def test_media_file_that_was_copied_half_is_copied_again(store: Store, tmp_path: Path) -> None:
    picture, now = tmp_path / "var" / "media" / "picture", datetime.now(UTC)
    picture.write_bytes(b"half")
    media.copy(store, picture.parent, KEEP, now)
    picture.write_bytes(b"half and half")

    num_new = [media.copy(store, picture.parent, KEEP, now) for _ in range(2)]

    assert num_new == [1, 0]
    assert (store.media / "picture").read_bytes() == b"half and half"


def test_bases_stay_until_every_moment_to_keep_has_a_newer_one(store: Store) -> None:
    paths = [base(store, timedelta(days=days)) for days in (30, 16, 15, 13, 1)]

    outlived = store.outlived(KEEP)

    assert [old.path for old in outlived] == paths[:2]
    for old in outlived:
        store.drop(old)
    assert [kept.path for kept in store.bases] == paths[2:]


def test_only_base_stays_however_old(store: Store) -> None:
    base(store, timedelta(days=400))

    assert store.outlived(KEEP) == []


def test_history_before_the_oldest_base_is_dropped(store: Store, wal: Path) -> None:
    names = [f"00000001000000000000000{number}.gz" for number in (5, 6, 7, 8)]
    for name in names:
        (wal / name).touch()
    base(store, timedelta(days=1), first_segment=SEGMENT)

    postgres.clean_archive(store)

    assert sorted(path.name for path in wal.iterdir()) == names[2:]


def test_segment_is_archived_once_and_comes_back_as_it_was(segment: Path, wal: Path, tmp_path: Path) -> None:
    statuses = [archive(segment, wal) for _ in range(2)]

    assert statuses == [0, 0]
    assert [path.name for path in wal.iterdir()] == [f"{SEGMENT}.gz"]
    assert fetch(wal, SEGMENT, tmp_path / "back") == 0
    assert (tmp_path / "back").read_bytes() == segment.read_bytes()


def test_another_segment_of_the_same_name_is_refused(segment: Path, wal: Path, tmp_path: Path) -> None:
    first = segment.read_bytes()
    archive(segment, wal)
    segment.write_bytes(os.urandom(1 << 20))

    assert archive(segment, wal) != 0

    fetch(wal, SEGMENT, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == first


def test_segment_is_not_archived_where_there_is_no_archive(segment: Path, tmp_path: Path) -> None:
    assert archive(segment, tmp_path / "unmounted") != 0


def test_two_servers_that_archive_at_once_leave_one_history(wal: Path, tmp_path: Path) -> None:
    segments = [tmp_path / str(number) / SEGMENT for number in range(4)]
    for path in segments:
        path.parent.mkdir()
        path.write_bytes(os.urandom(1 << 20))

    with ThreadPoolExecutor(4) as many:
        statuses = list(many.map(lambda path: archive(path, wal), segments))

    assert statuses.count(0) == 1
    assert [path.name for path in wal.iterdir()] == [f"{SEGMENT}.gz"]


def test_missing_segment_ends_history_and_damage_ends_the_server(segment: Path, wal: Path, tmp_path: Path) -> None:
    archive(segment, wal)
    kept = wal / f"{SEGMENT}.gz"
    kept.write_bytes(kept.read_bytes()[:1000])

    assert fetch(wal, "000000010000000000000008", tmp_path / "back") == 1
    assert fetch(wal, SEGMENT, tmp_path / "back") == 255
    assert fetch(tmp_path / "unmounted", SEGMENT, tmp_path / "back") == 255
