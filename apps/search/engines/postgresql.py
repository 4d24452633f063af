"""PostgreSQL's full text search: a weighted vector in each document, found by a GIN index."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from operator import and_, or_

from django.conf import settings
from django.contrib.postgres.search import (
    CombinedSearchQuery,
    SearchHeadline,
    SearchQuery,
    SearchRank,
)
from django.db import OperationalError, connection, connections, transaction
from django.db.models import F, FloatField, Func, IntegerField, Value
from django.db.models.functions import Left

from apps.search.engines.engine import (
    FRAGMENT_WORDS,
    HEADLINE_CHARACTERS,
    TIME_LIMIT_SECONDS,
    Headline,
    Matches,
    TooSlow,
)
from apps.search.language import NAMES, Query, Term
from apps.search.models import Document
from apps.search.texts import START, STOP, parted

# Names are no words of a language.
PLAIN = "simple"
QUERY_CANCELED = "57014"
# Rank divided by 1 + the logarithm of the length, so that long texts do not win by their length.
BY_LENGTH = 1

Question = SearchQuery | CombinedSearchQuery

COLUMNS = {
    **{"kind": "text", "target_id": "bigint", "story_id": "bigint", "author_id": "bigint"},
    **{"created_at": "timestamptz", "title": "text", "body": "text"},
}
_NAMES = ", ".join(COLUMNS)
_ARRAYS = ", ".join(f"%s::{kind}[]" for kind in COLUMNS.values())
UPSERT = f"""
    INSERT INTO search_document ({_NAMES}, vector)
    SELECT {_NAMES}, setweight(to_tsvector(language, title), 'A') || setweight(to_tsvector(language, body), 'B')
    FROM unnest({_ARRAYS}) AS new ({_NAMES}),
        LATERAL (SELECT CASE WHEN kind = ANY(%s) THEN %s ELSE %s END::regconfig AS language) AS known
    ON CONFLICT (kind, target_id) DO UPDATE SET
        author_id = excluded.author_id, title = excluded.title, body = excluded.body, vector = excluded.vector
    WHERE (search_document.author_id, search_document.title, search_document.body, search_document.vector)
        IS DISTINCT FROM (excluded.author_id, excluded.title, excluded.body, excluded.vector)
"""  # noqa: S608 (names are ours)


def index(documents: Sequence[Document]) -> None:
    """Take in documents."""
    values = [[getattr(document, name) for document in documents] for name in COLUMNS]
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, [*values, list(NAMES), PLAIN, settings.SEARCH_LANGUAGE])


def matching(query: Query) -> Matches:
    """Documents with the words, ranked by how often and how close to the title they hold them."""
    if not query.words:
        return Matches(Document.objects.annotate(relevance=Value(0.0, FloatField())))
    question = _question(query)
    rank = SearchRank(F("vector"), question, normalization=BY_LENGTH)
    return Matches(Document.objects.filter(vector=question).annotate(relevance=rank))


def knows_words(query: Query) -> bool:
    """Whether anything is left of the words when stop words are dropped; names have none. Without documents, true."""
    if query.is_for_names:
        return True
    size = Func(_question(query), function="numnode", output_field=IntegerField())
    return Document.objects.annotate(size=size).values_list("size", flat=True).first() != 0


def headlines(query: Query, ids: Sequence[int]) -> dict[int, Headline]:
    """The whole title, and two parts of the text."""
    question, language = _question(query), settings.SEARCH_LANGUAGE
    title = SearchHeadline("title", question, config=language, start_sel=START, stop_sel=STOP, highlight_all=True)
    body = SearchHeadline(
        Left("body", HEADLINE_CHARACTERS),
        question,
        config=language,
        start_sel=START,
        stop_sel=STOP,
        max_fragments=2,
        max_words=FRAGMENT_WORDS,
        min_words=FRAGMENT_WORDS // 2,
        # Else a part would not begin or end with "it" or "of".
        short_word=0,  # type: ignore[arg-type]  # a number, whatever the stubs say
        fragment_delimiter=" … ",
    )
    rows = Document.objects.filter(pk__in=ids).values_list("pk", title, body)
    return {pk: Headline(*parts) for pk, *parts in rows}


@contextmanager
def time_limit(alias: str) -> Iterator[None]:
    """The server's own limit for statements, which ends with the transaction."""
    try:
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {TIME_LIMIT_SECONDS * 1000:.0f}")
            yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != QUERY_CANCELED:
            raise
        raise TooSlow from error


def _language(query: Query) -> str:
    return PLAIN if query.is_for_names else str(settings.SEARCH_LANGUAGE)


def _question(query: Query) -> Question:
    """The words for tsvectors. Each is quoted on its own, so that nothing in it is an operator."""
    return reduce(and_, (reduce(or_, (_asked(term, query) for term in group)) for group in query.words))


def _asked(term: Term, query: Query) -> SearchQuery:
    text = parted(term.text)
    if query.is_for_names:
        quoted = text.replace("\\", "\\\\").replace("'", "''")
        asked = SearchQuery(f"'{quoted}':*", config=PLAIN, search_type="raw")
    else:
        asked = SearchQuery(f'"{text}"', config=_language(query), search_type="websearch")
    return ~asked if term.is_excluded else asked
