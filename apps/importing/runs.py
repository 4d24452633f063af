"""One run over many items: batches, another look at those that wait for a parent, a summary. Not here: rows."""

import gc
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection

from apps.importing.actions import import_batch
from apps.importing.fields import BadItem
from apps.importing.items import Item, Terms, parse_item
from apps.importing.preparing import Prepared, prepare
from apps.importing.reading import Inputs, Record
from apps.importing.rejects import Rejects
from apps.importing.spool import Spool

# Larger ones cost less, but on SQLite all others who write wait for the end of one.
BATCH_ITEMS = 5_000 if connection.vendor == "postgresql" else 2_000
BATCH_BYTES = 8 * 1024 * 1024
# A run that adds more than this is followed by new statistics for the query planner.
LARGE_RUN = 10_000
# Objects made between two looks for garbage in cycles: Python's own number means some hundred looks at each batch.
GARBAGE_THRESHOLD = 100_000
NEWEST_AGE = timedelta(minutes=1)


@dataclass(slots=True)
class Summary:
    """What a run has done so far; `known` were there before, `waiting` have not met their parent yet."""

    read: int = 0
    stories: int = 0
    comments: int = 0
    people: int = 0
    known: int = 0
    waiting: int = 0
    rejected: int = 0


def import_records(
    records: Iterable[Record], terms: Terms, rejects: Rejects, on_batch: Callable[[Summary], None] = lambda _: None
) -> Summary:
    """Take in all items, in batches of one transaction each, and call `on_batch` after each.

    Parents and children may come in any order. Items that are here already change nothing, so that a run that was
    interrupted is simply run again. Raises BadLine when `rejects` is strict.
    """
    with ExitStack() as spools, _seldom_collected():
        run = _Run(terms, rejects, on_batch, spools)
        waiting = run.take_in(chunks(records))
        while waiting.count and (still := run.take_in(waiting)).count < waiting.count:
            waiting = still
        run.reject(waiting)
    if run.summary.stories + run.summary.comments > LARGE_RUN:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return run.summary


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Save a fifth of the time: rows and items hang together in no cycles."""
    thresholds = gc.get_threshold()
    gc.set_threshold(GARBAGE_THRESHOLD)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


def shift_to(now: datetime, paths: Sequence[str]) -> timedelta:
    """The span that makes the newest item of all `paths` a minute old at `now`. Reads the files once."""
    with Inputs(paths) as inputs:
        newest = max(map(_time, inputs.records()), default=0)
    return timedelta(seconds=int((now - NEWEST_AGE).timestamp()) - newest)


def _time(record: Record) -> int:
    """0 for what is no time at all: such a line is rejected later."""
    try:
        time = json.loads(record.raw.decode(), strict=False)["time"]
        datetime.fromtimestamp(time, UTC)
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError, OSError):
        return 0
    return time if isinstance(time, int) else 0


def chunks(records: Iterable[Record]) -> Iterator[list[Record]]:
    """As many records at a time as make a batch."""
    chunk: list[Record] = []
    size = 0
    for record in records:
        chunk.append(record)
        size += len(record.raw)
        if len(chunk) == BATCH_ITEMS or size >= BATCH_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


class _Run:
    """The state of a run over its passes."""

    def __init__(self, terms: Terms, rejects: Rejects, on_batch: Callable[[Summary], None], spools: ExitStack) -> None:
        self.summary = Summary()
        self._terms = terms
        self._rejects = rejects
        self._on_batch = on_batch
        self._spools = spools

    def take_in(self, chunks: Iterable[list[Record]]) -> Spool:
        """Take in what can be; returns what waits for its parent."""
        waiting = self._spools.enter_context(Spool())
        done = 0
        for prepared in prepare(chunks, self._terms):
            batch = list(self._sorted_out(prepared))
            outcome = import_batch([item for _, item in batch], self._terms.now)
            waiting.add([batch[position][0] for position in outcome.waiting])
            done += len(prepared)
            # Later passes see again what the first has read.
            self.summary.read = max(self.summary.read, done)
            self.summary.stories += outcome.stories
            self.summary.comments += outcome.comments
            self.summary.people += outcome.people
            self.summary.known += outcome.known
            self.summary.waiting = waiting.count
            self._on_batch(self.summary)
        return waiting

    def reject(self, waiting: Spool) -> None:
        """Give up on what still waits."""
        for chunk in waiting:
            for record in chunk:
                parent = parse_item(record.raw, self._terms).parent
                self._rejects.add(record, f"parent {parent} not found: missing, rejected, or itself below this item")
        self.summary.rejected += waiting.count
        self.summary.waiting = 0

    def _sorted_out(self, prepared: Prepared) -> Iterator[tuple[Record, Item]]:
        """Records with their items; those that hold none are rejected."""
        for record, item in prepared:
            if isinstance(item, BadItem):
                self._rejects.add(record, str(item))
                self.summary.rejected += 1
            else:
                yield record, item
