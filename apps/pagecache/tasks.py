"""The page cache's job."""

from apps.jobs.handlers import handler
from apps.pagecache import purging, stores


# A store may be away for a day; a page is not kept for longer.
@handler("pagecache.stamp", queue="fast", attempts=40)
def stamp(*, tags: list[str]) -> None:
    """Stamp what has changed, in place of a process that could not."""
    if not purging.purge_now(*tags):
        raise stores.Unavailable
