"""The directory that backups are kept in: where things lie there, and what may go. Not here: how they are made."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deploy.local import scratch

# Sorts by time, and is a plain name everywhere.
NAME = "%Y-%m-%dT%H%M%S.%fZ"


class NoBackup(Exception):
    """Nothing that is kept reaches so far back; the words say what does."""


@dataclass(frozen=True, slots=True)
class Base:
    """A whole copy of the database, complete at `ended`: with an archive, what every later moment begins from."""

    path: Path

    @property
    def ended(self) -> datetime:
        """When it was complete."""
        return datetime.strptime(self.path.name, NAME).replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Store:
    """One site's backups."""

    directory: Path

    @property
    def wal(self) -> Path:
        """PostgreSQL's archive: its history, in segments."""
        return self.directory / "wal"

    @property
    def media(self) -> Path:
        """The media files of now."""
        return self.directory / "media"

    @property
    def gone(self) -> Path:
        """Media files that the site has deleted, for as long as a moment with them can be restored."""
        return self.directory / "gone"

    @property
    def bases(self) -> list[Base]:
        """Complete copies, the oldest first."""
        return [Base(path) for path in sorted(self.directory.glob("bases/*Z"))]

    @contextmanager
    def locked(self) -> Iterator[None]:
        """For the one who writes here; a second one waits."""
        self.directory.mkdir(mode=0o750, parents=True, exist_ok=True)
        with scratch.locked(self.directory):
            yield

    def add(self, make: Callable[[Path], None]) -> Base:
        """Keep what `make` puts into an empty directory. One that was interrupted leaves nothing that looks whole."""
        unfinished = self._unfinished()
        unfinished.mkdir(mode=0o700, parents=True)
        make(unfinished)
        return Base(unfinished.rename(unfinished.with_name(datetime.now(UTC).strftime(NAME))))

    def drop(self, base: Base) -> None:
        """Remove it; from the first moment it no longer looks whole."""
        shutil.rmtree(base.path.rename(self._unfinished()))

    def nearest(self, until: datetime | None) -> Base:
        """The newest that was complete at this moment, by default the newest. Raises NoBackup."""
        bases = self.bases
        found = [base for base in bases if until is None or base.ended <= until]
        if not found:
            oldest = f"the oldest is of {bases[0].ended.isoformat()}" if bases else "there is none at all"
            raise NoBackup(f"No backup in {self.directory} is so old: {oldest}.")
        return found[-1]

    def outlived(self, keep: timedelta) -> list[Base]:
        """Those that no moment of the last `keep` needs: a newer one is as old as that."""
        limit = datetime.now(UTC) - keep
        return [base for base in self.bases if base.ended <= limit][:-1]

    def _unfinished(self) -> Path:
        path = self.directory / "bases" / "unfinished"
        shutil.rmtree(path, ignore_errors=True)
        return path
