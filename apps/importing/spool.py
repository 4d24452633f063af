"""Records that wait for their parent, on disk, so that memory stays flat whatever the order of a file."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager

from apps.importing.reading import Record


class Spool(AbstractContextManager["Spool"]):
    """Chunks of records; iterating gives the last first.

    So a file that has its newest items first, replies before parents, is through after one more pass.
    """

    def __init__(self) -> None:
        self.count = 0
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by __exit__
        self._ends = [0]

    def __exit__(self, *exception: object) -> None:
        self._file.close()

    def add(self, records: Sequence[Record]) -> None:
        """Append a chunk."""
        for record in records:
            self._file.write(json.dumps([record.path, record.number]).encode() + b"\n" + record.raw + b"\n")
        self.count += len(records)
        self._ends.append(self._file.tell())

    def __iter__(self) -> Iterator[list[Record]]:
        for start, end in reversed(list(zip(self._ends, self._ends[1:], strict=False))):
            self._file.seek(start)
            lines = self._file.read(end - start).split(b"\n")
            heads = map(json.loads, lines[:-1:2])
            yield [Record(path, number, raw) for (path, number), raw in zip(heads, lines[1::2], strict=True)]
