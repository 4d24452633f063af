"""Backups of the site's database and media, and the way back: `python -m deploy.backup --help`, docs/backup.md."""

import argparse
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deploy.backup import media, postgres, sqlite
from deploy.backup.store import NoBackup, Store
from project import env


def main(arguments: list[str]) -> None:
    """Run one of the commands, with the settings of the environment."""
    options = _parser().parse_args(arguments)
    directory = env.text("BACKUP_DIR", "")
    if not directory:
        raise SystemExit("Say where backups are kept, on another disk than the site's: BACKUP_DIR=/srv/backup")
    store = Store(Path(directory).resolve())
    match options.command:
        case "take":
            take(store)
        case "media":
            with store.locked():
                _copy_media(store)
        case "restore":
            if not (options.database or options.media):
                raise SystemExit("Say what to restore, and where: --database PATH, --media PATH, or both.")
            restore(store, options.until, options.database, options.media)


def take(store: Store) -> None:
    """Keep database and media as they are now, then drop what no moment of BACKUP_KEEP_DAYS needs."""
    address = _address()
    with store.locked():
        if _is_sqlite(address):
            source = Path(str(env.database("BACKUP_DATABASE_URL", address)["NAME"]))
            base = store.add(lambda place: sqlite.copy(source, place))
        else:
            base = store.add(lambda place: postgres.copy(address, place))
        for old in store.outlived(_keep()):
            store.drop(old)
        if not _is_sqlite(address):
            postgres.clean_archive(store)
        _copy_media(store)
    _say(f"Kept the database as {base.path}.")
    if not _is_sqlite(address):
        age = postgres.age_of_archive(store)
        gap = "nothing: is archive_command set?" if age is None else f"a segment {age:.0f} s ago"
        _say(f"The archive last got {gap}")


def restore(store: Store, until: datetime | None, database: Path | None, place: Path | None) -> None:
    """Bring back the database, the media files, or both, as they were at `until`, by default at the end."""
    if database:
        if database.exists() and (database.is_file() or any(database.iterdir())):
            raise SystemExit(f"{database} is there already: move it away, or restore beside it.")
        try:
            base = store.nearest(until)
        except NoBackup as nothing:
            raise SystemExit(str(nothing)) from nothing
        if (base.path / sqlite.FILE).exists():
            sqlite.restore(base, database)
            _say(f"{database} is the database of {base.ended.isoformat()}.")
        else:
            postgres.restore(store, base, until, database)
            _say(f"{database} begins with the base of {base.ended.isoformat()}. Start it, and it goes on from there.")
    if place:
        media.restore(store, until, place)


def _copy_media(store: Store) -> None:
    place = Path(env.text("VAR_DIR", "var")) / "media"
    num_new = media.copy(store, place, _keep(), datetime.now(UTC))
    _say(f"Kept {num_new} new media files.")


def _address() -> str:
    own = env.text("DATABASE_URL", f"sqlite:///{env.text('VAR_DIR', 'var')}/groundswell.sqlite3")
    return env.text("BACKUP_DATABASE_URL", own)


def _is_sqlite(address: str) -> bool:
    return address.startswith("sqlite:")


def _keep() -> timedelta:
    return timedelta(days=env.integer("BACKUP_KEEP_DAYS", 14, minimum=1, maximum=3650))


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if not moment.tzinfo:
        raise ValueError("a moment has a time zone")
    return moment


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.backup", description="Back up the site, and restore it.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("take", help="keep the database and the media, drop what is too old")
    commands.add_parser("media", help="keep the media only, which is quick")
    back = commands.add_parser("restore", help="bring back what was")
    moment = "such as 2026-11-21T22:10:00Z; without it, all that is kept"
    back.add_argument("--until", type=_moment, metavar="TIME", help=moment)
    back.add_argument("--database", type=Path, metavar="PATH", help="an empty data directory, or SQLite's file")
    back.add_argument("--media", type=Path, metavar="PATH", help="a directory; what is there stays")
    return parser


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    env.read_file()
    main(sys.argv[1:])
