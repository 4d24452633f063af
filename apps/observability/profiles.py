"""Profiles, and the files that they are kept in; the oldest make room. Not here: profiling itself (profiling.py)."""

import cProfile
import io
import os
import pstats
import re
import secrets
import socket
import sysconfig
import textwrap
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from apps.core.errors import NotFound

KEPT = 50
LONGEST = 200_000
NUM_QUERIES = 40
NUM_FUNCTIONS = 60
NAME = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}")
HEAD = """{profile.address}
{profile.status}, {at:%Y-%m-%d %H:%M:%S} UTC, {host}, process {process}

{profile.seconds:.3f} s in all, {sql:.3f} s of it in {number} queries.
Python takes about twice its usual time while it is profiled; SQL does not.
"""


@dataclass(slots=True)
class Query:
    """SQL as often as one place asked for it. Its values are left out: they are people's."""

    sql: str
    alias: str
    asked: str
    number: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Profile:
    """What one request did."""

    address: str
    status: str = ""
    seconds: float = 0.0
    queries: dict[tuple[str, str, str], Query] = field(default_factory=dict)
    functions: cProfile.Profile = field(default_factory=cProfile.Profile)


@dataclass(frozen=True, slots=True)
class Kept:
    """One file: its name, when it was written, and the request."""

    name: str
    at: datetime
    address: str


def keep(profile: Profile) -> str:
    """Write a profile, readable by this user alone; its name. Raises OSError."""
    folder = Path(settings.PROFILES_DIR)
    folder.mkdir(mode=0o700, exist_ok=True)
    now = timezone.now()
    path = folder / f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}.txt"
    path.touch(mode=0o600)
    path.write_text(_text(profile, now)[:LONGEST], encoding="utf-8")
    for old in _files()[KEPT:]:
        old.unlink(missing_ok=True)
    return path.stem


def newest() -> list[Kept]:
    """Those of this machine, newest first, KEPT at most."""
    return [_kept(path) for path in _files()]


def read(name: str) -> str:
    """The profile of that name. Raises NotFound."""
    path = Path(settings.PROFILES_DIR) / f"{name}.txt"
    if not NAME.fullmatch(name) or not path.exists():
        raise NotFound("There is no such profile on this machine. The oldest ones make room for new ones.")
    return path.read_text(encoding="utf-8")


def _files() -> list[Path]:
    """Their names begin with the time."""
    return sorted(Path(settings.PROFILES_DIR).glob("*.txt"), reverse=True)


def _kept(path: Path) -> Kept:
    with path.open(encoding="utf-8") as file:
        return Kept(path.stem, datetime.fromtimestamp(path.stat().st_mtime, UTC), file.readline())


def _text(profile: Profile, now: datetime) -> str:
    queries = sorted(profile.queries.values(), key=lambda query: -query.seconds)
    head = HEAD.format(
        profile=profile,
        at=now,
        host=socket.gethostname(),
        process=os.getpid(),
        sql=sum(query.seconds for query in queries),
        number=sum(query.number for query in queries),
    )
    parts = [head, "Queries, the dearest first", *map(_lines, queries[:NUM_QUERIES]), _functions(profile)]
    return "\n".join(parts)


def _lines(query: Query) -> str:
    sql = textwrap.indent(textwrap.fill(query.sql, 110), "    ")
    return f"{query.seconds:8.4f} s, {query.number} x, {query.alias}, {query.asked}\n{sql}\n"


def _functions(profile: Profile) -> str:
    """Functions by the time in them alone, and with what they call, as Python's pstats has them."""
    text = io.StringIO()
    stats = pstats.Stats(profile.functions, stream=text)
    stats.sort_stats("tottime").print_stats(NUM_FUNCTIONS)
    stats.sort_stats("cumulative").print_stats(NUM_FUNCTIONS)
    for root in (f"{sysconfig.get_path('purelib')}/", f"{settings.BASE_DIR}/", f"{sysconfig.get_path('stdlib')}/"):
        text = io.StringIO(text.getvalue().replace(root, ""))
    return text.getvalue()
