"""PostgreSQL finds words by their index, and never reads all texts for a rare one."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from pytest_django import DjangoDbBlocker

from apps.search.engines import database
from apps.search.language import parse
from apps.search.models import Document
from tests.factories import NOW

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one way to find words")

NUM_DOCUMENTS = 20_000


@pytest.fixture(scope="module")
def _site(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Thousands of documents: every one holds "common", one in a thousand "rare"."""
    with django_db_blocker.unblock(), transaction.atomic():
        database().index(
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
    rows: QuerySet[Any] = database().matching(parse(typed)).rows
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
