"""PostgreSQL finds words by their index, and never reads all texts for a rare one."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.db.models import QuerySet
from pytest_django import DjangoDbBlocker

from apps.search import actions, documents
from apps.search.engines import engine
from apps.search.language import parse
from apps.search.models import Document
from apps.stories.models import Story
from tests.factories import NOW, StoryFactory
from tests.search.indexing import found

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one way to find words")

NUM_DOCUMENTS = 20_000


@pytest.fixture(scope="module")
def _site(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Thousands of documents: every one holds "common", one in a thousand "rare"."""
    with django_db_blocker.unblock(), transaction.atomic():
        engine().index(
            [
                Document(
                    kind="comment",
                    target_id=number,
                    created_at=NOW - timedelta(minutes=number),
                    title="",
                    body=f"common words {'rare' if number % 1000 == 0 else 'often'} number{number}",
                )
                for number in range(NUM_DOCUMENTS)
            ]
        )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE search_document")
        yield
        transaction.set_rollback(True)


def plan(typed: str) -> str:
    rows: QuerySet[Any] = engine().matching(parse(typed))
    return rows.order_by("-created_at", "-pk").values_list("relevance", "pk")[:1000].explain()


@pytest.mark.django_db
@pytest.mark.usefixtures("_site")
@pytest.mark.parametrize(
    "typed", ["rare", "number77", "rare common", '"rare number1000"', "rare OR number5", "rare -often"]
)
def test_rare_words_are_found_by_their_index(typed: str) -> None:
    assert "Bitmap Index Scan on search_by_words" in plan(typed)


@pytest.mark.django_db
@pytest.mark.usefixtures("_site")
def test_of_common_words_the_newest_are_read_in_order() -> None:
    assert "Index Scan using search_newest" in plan("common")
    assert "Sort" not in plan("common")


@pytest.mark.django_db
@pytest.mark.usefixtures("_site")
def test_the_authors_documents_are_found_by_author() -> None:
    explained = Document.objects.filter(author__in=[1]).order_by("-created_at")[:1000].explain()

    assert "search_by_author" in explained


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
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            (waiting,) = cursor.fetchone()
