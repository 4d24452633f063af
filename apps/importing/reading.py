"""Files of items as numbered raw records, one at a time. Not here: what a record means (items.py)."""

import csv
import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import IO, Any, NamedTuple

import zstandard

from apps.core.errors import Invalid

STDIN = "-"
LONGEST_LINE = 16 * 1024 * 1024
ZSTD_WINDOW = 2**27
CHUNK = 1024 * 1024
DAMAGE = (EOFError, OSError, zlib.error, zstandard.ZstdError)
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

CSV_NUMBERS = ("time", "score", "flags", "descendants")


class Unreadable(Invalid):
    """A file that cannot be opened, or ends in the middle of its compressed data."""


class Record(NamedTuple):
    """Line `number` of `path`: one item as JSON, or the `problem` that kept it from being read."""

    path: str
    number: int
    raw: bytes
    problem: str = ""


class Inputs(AbstractContextManager["Inputs"]):
    """Files of items, plain or compressed, JSON Lines or CSV with a header; `-` is standard input.

    `size` is in bytes as stored, 0 when one is standard input; `position` says how many of them have been read.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        """Open all files. Raises Unreadable."""
        with ExitStack() as opened:
            self._files = {path: opened.enter_context(_opened(path)) for path in paths}
            self._open = opened.pop_all()
        self.size = 0 if STDIN in paths else sum(Path(path).stat().st_size for path in self._files)

    def __exit__(self, *exception: object) -> None:
        self._open.close()

    @property
    def position(self) -> int:
        """Bytes of the files read so far; 0 when their size is unknown."""
        return sum(file.tell() for file in self._files.values()) if self.size else 0

    def records(self) -> Iterator[Record]:
        """Every line that is not blank, in order, in flat memory. Raises Unreadable."""
        for path, file in self._files.items():
            bare = path.removesuffix(".gz").removesuffix(".zst")
            read = _csv_records if bare.endswith(".csv") else _records
            try:
                yield from read(path, _lines(_unpacked(path, file)))
            except DAMAGE as error:
                raise Unreadable(f"{path} is damaged: {error}. What stood before is taken in.") from error


def _opened(path: str) -> IO[bytes]:
    try:
        # Standard input is not ours to close.
        return open(sys.stdin.fileno() if path == STDIN else path, "rb", closefd=path != STDIN)
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from error


def _unpacked(path: str, file: IO[bytes]) -> IO[bytes]:
    if path.endswith(".gz"):
        return io.BufferedReader(gzip.GzipFile(fileobj=file), CHUNK)
    if path.endswith(".zst"):
        unpacker = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
        stream: Any = unpacker.stream_reader(file, read_across_frames=True, closefd=False)
        return io.BufferedReader(stream, CHUNK)
    return file


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """Lines with their ends; of a longer one than LONGEST_LINE only so much that it shows."""
    while line := file.readline(LONGEST_LINE + 1):
        yield line
        rest = line
        while len(line) > LONGEST_LINE and rest and not rest.endswith(b"\n"):
            rest = file.readline(CHUNK)


def _records(path: str, lines: Iterator[bytes]) -> Iterator[Record]:
    for number, line in enumerate(lines, start=1):
        raw = line.removeprefix(BYTE_ORDER_MARK).strip()
        if len(line) > LONGEST_LINE:
            yield Record(path, number, raw[:CHUNK], "the line is longer than 16 MB")
        elif raw:
            yield Record(path, number, raw)


def _csv_records(path: str, lines: Iterator[bytes]) -> Iterator[Record]:
    """CSV rows as JSON items, so that all that follows knows one form. Raises Unreadable without a header."""
    texts = (line.removeprefix(BYTE_ORDER_MARK).decode("utf-8", "surrogateescape") for line in lines)
    rows = csv.reader(texts)
    header = next(rows, [])
    if not {"id", "time"} <= set(header):
        raise Unreadable(f"{path} does not begin with a header such as id,time,url,title,by,descendants,score,tags.")
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Record(path, rows.line_num, b"", f"not CSV: {error}")
            continue
        if row:
            raw = json.dumps(_item(header, row), ensure_ascii=False).encode("utf-8", "surrogateescape")
            problem = "" if len(row) == len(header) else f"{len(row)} columns instead of {len(header)}"
            yield Record(path, rows.line_num, raw, problem)


def _item(header: list[str], row: list[str]) -> dict[str, Any]:
    item: dict[str, Any] = {"type": "story"} | {name: value for name, value in zip(header, row, strict=False) if value}
    for name in CSV_NUMBERS:
        if item.get(name, "").removeprefix("-").isdecimal():
            item[name] = int(item[name])
    item["tags"] = item.get("tags", "").split()
    return item
