"""Jobs that keep the index."""

from apps.jobs.handlers import handler
from apps.search import actions


@handler("search.index")
def index(*, kind: str, pk: int) -> None:
    """A row has changed."""
    actions.index(kind=kind, pk=pk)


@handler("search.index_range", queue="slow")
def index_range(*, kind: str, after: int, last: int) -> None:
    """Many rows have come, as an import brings them."""
    actions.index_range(kind=kind, after=after, last=last)


@handler("search.index_thread", queue="slow")
def index_thread(*, story_id: int, after: int) -> None:
    """A story has come or gone, and its comments with it."""
    actions.index_thread(story_id=story_id, after=after)
