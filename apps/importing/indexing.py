"""Having searches find what was taken in. Not here: how (the search's own jobs)."""

from collections.abc import Collection

from apps.jobs import actions as jobs


def index_later(kind: str, keys: Collection[int]) -> None:
    """Have rows with these keys indexed, and what others added among them meanwhile, which does no harm. 1 write."""
    if keys:
        jobs.enqueue("search.index_range", kind=kind, after=min(keys) - 1, last=max(keys))
