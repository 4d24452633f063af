"""Pages in this process, decoded: the last ones that were shown, up to a number of bytes."""

import threading
from collections import OrderedDict

from django.conf import settings

from apps.pagecache.entries import Entry

_entries: OrderedDict[str, Entry] = OrderedDict()
_lock = threading.Lock()
_size = 0


def get(key: str) -> Entry | None:
    """The page, if it is still here."""
    with _lock:
        if entry := _entries.get(key):
            _entries.move_to_end(key)
        return entry


def put(key: str, entry: Entry) -> None:
    """Keep a page; those that were shown longest ago make room."""
    global _size
    entry.size = _weight(entry)
    with _lock:
        if known := _entries.pop(key, None):
            _size -= known.size
        _entries[key] = entry
        _size += entry.size
        while _size > settings.PAGECACHE_MEMORY and _entries:
            _size -= _entries.popitem(last=False)[1].size


def clear() -> None:
    """Forget all."""
    global _size
    with _lock:
        _entries.clear()
        _size = 0


def size() -> int:
    """Bytes that are held, about."""
    return _size


def _weight(entry: Entry) -> int:
    """Twice the text: as segments, and as a visitor's page with its compressed form. Slots about 200 bytes each."""
    return 2_000 + 2 * sum(map(len, entry.segments.literals)) + 400 * len(entry.segments.slots)
