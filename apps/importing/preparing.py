"""Lines into items, while the database is busy with those before them. Not here: what an item is (items.py)."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from apps.importing.fields import BadItem
from apps.importing.items import Item, Terms, parse_item
from apps.importing.reading import Record

# Records, each with the item that it holds or the reason why it holds none.
Prepared = list[tuple[Record, Item | BadItem]]


def prepare_ahead(chunks: Iterable[list[Record]], terms: Terms) -> Iterator[Prepared]:
    """What each chunk holds. While the caller waits for the database with one, a thread prepares the next."""
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
