"""Having tests' rows found, as the jobs would."""

from django.utils import timezone

from apps.jobs import actions as jobs
from apps.search import actions
from apps.search.documents import KINDS
from apps.search.language import parse
from apps.search.models import Document
from apps.search.queries import Hit, search


def index_all() -> None:
    """Take all rows into the index."""
    for kind in KINDS:
        after, last = 0, actions.last_key(kind)
        while after < last:
            after = actions.index_step(kind=kind, after=after, last=last)


def run_jobs() -> None:
    """Do what is enqueued, and what that enqueues."""
    while any(jobs.run_next(queue=queue, now=timezone.now()) for queue in ("default", "slow")):
        pass


def hits(typed: str, order: str = "newest") -> list[Hit]:
    return search(parse(typed), order=order, cursor=None).page.rows


def found(typed: str, order: str = "newest") -> list[tuple[str, int]]:
    """What the first page shows: kinds and ids."""
    return [(hit.kind, hit.row.id) for hit in hits(typed, order)]


def documents() -> set[tuple[str, int]]:
    """What is in the index: kinds and ids."""
    return set(Document.objects.values_list("kind", "target_id"))
