"""Lines that were not taken in, kept beside their file with the reason. Not here: why (items.py)."""

import json
import os
from collections.abc import Iterable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import IO

from django.conf import settings

from apps.core.errors import Invalid
from apps.importing.reading import STDIN, Record

SHOWN_BYTES = 4_000
SHOWN_CHARACTERS = 1_000


class BadLine(Invalid):
    """The first line that cannot be taken in, when none may be left out."""


class Rejects(AbstractContextManager["Rejects"]):
    """Writes `FILE.rejects` (JSON Lines: line, reason, raw) for each file that has any.

    `strict` raises BadLine at the first instead. Files of an earlier run over `paths` are removed.
    """

    def __init__(self, paths: Iterable[str], *, strict: bool = False) -> None:
        self._files: dict[str, IO[str]] = {}
        self._strict = strict
        self._open = ExitStack()
        for path in paths:
            rejects_path(path).unlink(missing_ok=True)

    @property
    def paths(self) -> list[Path]:
        """The files that have been written."""
        return [rejects_path(path) for path in self._files]

    def __exit__(self, *exception: object) -> None:
        self._open.close()

    def add(self, record: Record, reason: str) -> None:
        """Keep one line. Raises BadLine when strict."""
        if self._strict:
            raise BadLine(f"{record.path}, line {record.number}: {reason}.")
        if record.path not in self._files:
            file = rejects_path(record.path).open("w", encoding="utf-8")
            self._files[record.path] = self._open.enter_context(file)
        raw = record.raw[:SHOWN_BYTES].decode(errors="replace")[:SHOWN_CHARACTERS]
        line = {"line": record.number, "reason": reason, "raw": raw}
        self._files[record.path].write(json.dumps(line, ensure_ascii=False) + "\n")


def rejects_path(path: str) -> Path:
    """Beside the file; under var/ for standard input and in folders that cannot be written."""
    file = Path("stdin" if path == STDIN else path)
    beside = path != STDIN and os.access(file.parent, os.W_OK)
    return (file.parent if beside else Path(settings.VAR_DIR)) / f"{file.name}.rejects"
