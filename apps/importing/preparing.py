"""Lines into items, a batch at a time. Not here: what an item is (items.py), files (reading.py)."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from apps.importing.fields import BadItem
from apps.importing.items import Item, Terms, parse_item
from apps.importing.reading import Record

# Records, each with the item that it holds or the reason why it holds none.
Prepared = list[tuple[Record, Item | BadItem]]


def prepare(chunks: Iterable[list[Record]], terms: Terms) -> Iterator[Prepared]:
    """What each chunk holds. While PostgreSQL works for the caller on one, a thread prepares the next.

    SQLite has one writer at a time: there the others get their turn while a chunk is prepared.
    """
    if connection.vendor != "postgresql":
        yield from (_prepare(chunk, terms) for chunk in chunks)
        return
    with ThreadPoolExecutor(1) as ahead:
        task = None
        for chunk in chunks:
            before, task = task, ahead.submit(_prepare, chunk, terms)
            if before:
                yield before.result()
        if task:
            yield task.result()


def _prepare(chunk: list[Record], terms: Terms) -> Prepared:
    return [(record, _item(record, terms)) for record in chunk]


def _item(record: Record, terms: Terms) -> Item | BadItem:
    try:
        if record.problem:
            raise BadItem(record.problem)
        return parse_item(record.raw, terms)
    except BadItem as error:
        return error
