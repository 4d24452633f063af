"""Jobs of the index at the same time: the last look at a row wins."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from django.db import connection, connections

from apps.search import actions, documents
from apps.search.models import Document
from apps.stories.models import Story
from tests.factories import StoryFactory
from tests.search.indexing import found

# In this database: the tests of another process have one of their own on the same server.
WAITING = """
    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted
"""

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes one after the other")


@pytest.mark.django_db(transaction=True)
def test_a_slow_job_does_not_bring_back_what_a_later_one_has_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    story = StoryFactory.create(title="Old waves")
    has_read, may_write = Event(), Event()
    read = documents.of_rows

    def slowly(*which: Any) -> list[Document]:
        rows = read(*which)
        if not has_read.is_set():
            has_read.set()
            may_write.wait()
        return rows

    monkeypatch.setattr(documents, "of_rows", slowly)

    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(index, story.pk)
        has_read.wait()
        Story.objects.filter(pk=story.pk).update(title="New waves")
        quick = pool.submit(index, story.pk)
        wait_for_lock()
        may_write.set()
        slow.result(), quick.result()

    assert (found("old"), found("new")) == ([], [("story", story.pk)])


def index(pk: int) -> None:
    try:
        actions.index(kind="story", pk=pk)
    finally:
        connections.close_all()


def wait_for_lock() -> None:
    """Until somebody waits for the lock of the index."""
    with connection.cursor() as cursor:
        waiting = 0
        while not waiting:
            cursor.execute(WAITING)
            (waiting,) = cursor.fetchone()
