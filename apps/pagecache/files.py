"""The cache of a site without Redis: files, shared by its processes."""

import random
from typing import Any

from django.core.cache.backends.filebased import FileBasedCache

# To look whether there are too many files means to list them all.
LOOK_ONCE_IN = 200


class FileCache(FileBasedCache):
    """Django's own, which looks for too many files now and then, not at each write."""

    def _cull(self) -> Any:
        if random.randrange(LOOK_ONCE_IN) == 0:  # noqa: S311 (no secret)
            super()._cull()  # type: ignore[misc]  # the stubs lack it
