"""What the machine gives the site: room on its disks, directories to write to, secrets that stay secret."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from django.conf import settings
from django.db import connection

from apps.observability.doctor.findings import Finding, error, fine, warning

# Free, in bytes and as a share of the disk; either is too little.
FULL = (200_000_000, 0.02)
NEARLY_FULL = (1_000_000_000, 0.1)
ROOM = "Make room: what is written fails on a full disk, also the database's own work."
CLOSE = "Close them to others: chmod o-rwx FILE."
# Each may be given as NAME_FILE.
SECRETS = ("SECRET_KEY", "DATABASE_URL", "DATABASE_REPLICA_URLS", "REDIS_URL", "BROKER_URL", "EMAIL_HOST_PASSWORD")


def disks() -> Iterator[Finding]:
    """The room on each disk that the site writes to. That of a database server is not seen from here."""
    by_device: dict[int, list[str]] = {}
    for name, path in _places().items():
        by_device.setdefault(_existing(path).stat().st_dev, []).append(name)
    for names in by_device.values():
        free, total = _room(_existing(_places()[names[0]]))
        text = f"{', '.join(names)}: {free / 1e9:.1f} GB of {total / 1e9:.1f} GB are free"
        if free < FULL[0] or free < FULL[1] * total:
            yield error("disk", text, ROOM)
        elif free < NEARLY_FULL[0] or free < NEARLY_FULL[1] * total:
            yield warning("disk", text, ROOM)
        else:
            yield fine("disk", text)


def directories() -> Iterator[Finding]:
    """Whether this user can write where the site writes; tried, since no mode tells of a read-only disk."""
    problems = [problem for path in _places().values() if (problem := _unwritable(_existing(path)))]
    for problem in problems:
        yield error("permissions", problem, "Let the user that runs the site write there: chown, or mount it so.")
    if not problems:
        yield fine("permissions", f"{', '.join(_places())} can be written to")


def secrets() -> Iterator[Finding]:
    """Whether other users of the machine can read a file with secrets."""
    open_files = [str(path) for path in _secret_files() if path.is_file() and path.stat().st_mode & stat.S_IRWXO]
    if open_files:
        yield warning("secrets", f"others can read {', '.join(open_files)}", CLOSE)
    else:
        yield fine("secrets", "no file with secrets is open to others")


def _places() -> Mapping[str, Path]:
    places = {"var": settings.VAR_DIR, "media": settings.MEDIA_ROOT, "exports": settings.EXPORTS_DIR}
    cache = settings.CACHES["default"]
    if cache["BACKEND"].startswith("apps.pagecache.files"):
        places["cache"] = cache["LOCATION"]
    if connection.vendor == "sqlite":
        places["database"] = Path(settings.DATABASES["default"]["NAME"]).parent
    return {name: Path(path) for name, path in places.items()}


def _existing(path: Path) -> Path:
    """The directory, or the first one above it that is there: what is missing is made when it is needed."""
    return next(place for place in (path.absolute(), *path.absolute().parents) if place.exists())


def _room(path: Path) -> tuple[int, int]:
    usage = shutil.disk_usage(path)
    return usage.free, usage.total


def _unwritable(path: Path) -> str:
    try:
        with tempfile.TemporaryFile(dir=path):
            return ""
    except OSError as problem:
        return f"{path} cannot be written to: {problem.strerror}"


def _secret_files() -> list[Path]:
    named = [Path(path) for name in SECRETS if (path := os.environ.get(f"{name}_FILE"))]
    own = ("secret-key", "development-logins.txt")
    return [Path(settings.BASE_DIR) / ".env", *(Path(settings.VAR_DIR) / name for name in own), *named]
