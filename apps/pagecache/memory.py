"""Pages in this process, decoded: the last ones that were shown, up to a number of bytes."""

import threading
from collections import OrderedDict
from typing import Any

from django.conf import settings

_entries: OrderedDict[str, tuple[Any, int]] = OrderedDict()
_lock = threading.Lock()
_size = 0


def get(key: str) -> Any:
    """What was put there, if it still is."""
    with _lock:
        if key not in _entries:
            return None
        _entries.move_to_end(key)
        return _entries[key][0]


def put(key: str, page: object, size: int) -> None:
    """Keep a page of about `size` bytes; those that were shown longest ago make room."""
    global _size
    with _lock:
        _, known = _entries.pop(key, (None, 0))
        _entries[key] = page, size
        _size += size - known
        while _size > settings.PAGECACHE_MEMORY and _entries:
            _size -= _entries.popitem(last=False)[1][1]


def clear() -> None:
    """Forget all."""
    global _size
    with _lock:
        _entries.clear()
        _size = 0


def size() -> int:
    """Bytes that are held, about."""
    return _size
