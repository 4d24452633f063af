"""SQLite's FTS5: words are stemmed as English ones, accents do not count. Triggers keep it with the documents."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from operator import or_

from django.db import OperationalError, connection, connections
from django.db.models import F, FloatField, Func, Q, QuerySet, TextField, Value

from apps.search.engines.engine import FRAGMENT_WORDS, TIME_LIMIT_SECONDS, Headline, Matches, TooSlow
from apps.search.language import Query, Term
from apps.search.models import Document, Match
from apps.search.texts import START, STOP, parted

# Steps of SQLite's machine between two looks at the clock.
STEPS = 10_000
TITLE, BODY = 0, 1
COLUMNS = ("kind", "target_id", "story_id", "author_id", "created_at", "title", "body")
UPSERT = f"""
    INSERT INTO search_document ({", ".join(COLUMNS)}) VALUES ({", ".join(["%s"] * len(COLUMNS))})
    ON CONFLICT (kind, target_id) DO UPDATE SET
        author_id = excluded.author_id, title = excluded.title, body = excluded.body
    WHERE (author_id, title, body) IS NOT (excluded.author_id, excluded.title, excluded.body)
"""  # noqa: S608 (names are ours)


def index(documents: Sequence[Document]) -> None:
    """Take in documents."""
    rows = [[getattr(document, name) for name in COLUMNS] for document in documents]
    place = COLUMNS.index("created_at")
    for row in rows:
        row[place] = connection.ops.adapt_datetimefield_value(row[place])
    with connection.cursor() as cursor:
        cursor.executemany(UPSERT, rows)


def matching(query: Query) -> Matches:
    """Documents with the words, ranked by bm25. Names are no words of English: what they begin with is compared."""
    if query.is_for_names:
        return Matches(_named(query))
    found, excluded = _question(query, is_excluded=False), _question(query, is_excluded=True)
    rows = Document.objects.annotate(relevance=Value(0.0, FloatField()))
    if found:
        rows = Document.objects.filter(match__table=found).annotate(relevance=-F("match__rank"))
    return Matches(rows.exclude(pk__in=Match.objects.filter(table=excluded)) if excluded else rows)


def knows_words(query: Query) -> bool:
    """Every word is indexed."""
    return True


def headlines(query: Query, ids: Sequence[int]) -> dict[int, Headline]:
    """The whole title, and a part of the text."""
    rows = Match.objects.filter(table=_question(query, is_excluded=False), pk__in=ids)
    title = _part("highlight", TITLE, START, STOP)
    body = _part("snippet", BODY, START, STOP, "…", FRAGMENT_WORDS)
    return {pk: Headline(*parts) for pk, *parts in rows.values_list("pk", title, body)}


@contextmanager
def time_limit(alias: str) -> Iterator[None]:
    """SQLite asks now and then whether to go on."""
    connections[alias].ensure_connection()
    database, end = connections[alias].connection, time.monotonic() + TIME_LIMIT_SECONDS
    database.set_progress_handler(lambda: time.monotonic() > end, STEPS)
    try:
        yield
    except OperationalError as error:
        if str(error) != "interrupted":
            raise
        raise TooSlow from error
    finally:
        database.set_progress_handler(None, 0)


def _question(query: Query, *, is_excluded: bool) -> str:
    """The words in the language of FTS5: all groups, of each any; of those that are excluded any. "" for none."""
    groups = [group for group in query.words if group[0].is_excluded == is_excluded]
    terms = [f"({' OR '.join(_asked(term) for term in group)})" for group in groups]
    return (" OR " if is_excluded else " AND ").join(terms)


def _asked(term: Term) -> str:
    """A string, so that nothing in it is an operator."""
    quoted = parted(term.text).replace('"', '""')
    return f'"{quoted}"'


def _named(query: Query) -> QuerySet[Document]:
    rows = Document.objects.annotate(relevance=Value(0.0, FloatField()))
    for group in query.words:
        conditions = [
            Q(title__istartswith=term.text) | Q(pk__in=Match.objects.filter(table=_asked(term))) for term in group
        ]
        fits = reduce(or_, conditions)
        rows = rows.exclude(fits) if group[0].is_excluded else rows.filter(fits)
    return rows


def _part(function: str, *arguments: object) -> Func:
    return Func(F("table"), *map(Value, arguments), function=function, output_field=TextField())
