"""Keeping the index: documents follow the rows. Only jobs and commands call this, after what has changed a row."""

from collections.abc import Collection

from django.db import connection, transaction
from django.db.models import Max, Q

from apps.comments.models import Comment
from apps.jobs import actions as jobs
from apps.pagecache import purging
from apps.search import documents, tags
from apps.search.engines import database, server
from apps.search.models import Document

# Larger steps cost less; on SQLite all who write wait for the end of one.
STEP = 2_000 if connection.vendor == "postgresql" else 500
# Of PostgreSQL's advisory locks, the one that is ours.
LOCK = 7_365_617


def index(*, kind: str, pk: int) -> None:
    """Have the index say what a row says now, or nothing if nobody may see it. Idempotent. 3 queries."""
    _index(kind, Q(pk=pk), [pk])


def index_range(*, kind: str, after: int, last: int) -> None:
    """The same for all rows with ids above `after` up to `last`: a step now, and a job for the rest."""
    if (reached := index_step(kind=kind, after=after, last=last)) < last:
        jobs.enqueue("search.index_range", kind=kind, after=reached, last=last)


def index_step(*, kind: str, after: int, last: int) -> int:
    """The same for the first of them; up to which id. 4 queries."""
    reached = min(last, after + STEP)
    _index(kind, Q(pk__range=(after + 1, reached)), range(after + 1, reached + 1))
    return reached


def index_thread(*, story_id: int, after: int) -> None:
    """The same for a story's comments with ids above `after`: they come and go with the story."""
    comments = Comment.objects.filter(story=story_id, pk__gt=after).order_by("pk")
    ids = list(comments.values_list("pk", flat=True)[:STEP])
    _index("comment", Q(pk__in=ids), ids)
    if len(ids) == STEP:
        jobs.enqueue("search.index_thread", story_id=story_id, after=ids[-1])


def last_key(kind: str) -> int:
    """The highest id of the rows that can be found, or that the index still knows. 2 queries."""
    row: int = documents.model_of(kind)._default_manager.aggregate(last=Max("pk", default=0))["last"]
    known: int = Document.objects.filter(kind=kind).aggregate(last=Max("target_id", default=0))["last"]
    return max(row, known)


def prepare() -> None:
    """Have a server, if one is configured, ready to be told of documents."""
    if other := server():
        other.prepare()


@transaction.atomic
def _index(kind: str, rows: Q, targets: Collection[int]) -> None:
    """One at a time, and the rows are read after waiting: else a slow job could overwrite what a later one wrote.

    For that a server is told before the commit, although others wait for it. If it fails, so does the job, which is
    tried again; if the commit fails, it says for a while what the rows said, but nobody finds what has no document.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    found = documents.of_rows(kind, rows)
    gone = sorted(set(targets) - {document.target_id for document in found})
    if found:
        database().index(found)
    purging.purge(tags.INDEX)
    Document.objects.filter(kind=kind, target_id__in=gone).delete()
    if other := server():
        other.follow(kind, found, gone)
