"""Questions to the index: which documents fit, in which order, and what is shown of them."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.db import router
from django.db.models import QuerySet
from django.db.models.functions import Left
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from apps.accounts.queries import PersonRow, listed_people
from apps.comments.queries.lists import listed_rows as listed_comments
from apps.comments.queries.rows import CommentRow
from apps.communities.queries import TagRow, listed_tags
from apps.core.cursors import Cursor, Order, Page, Position, page_of
from apps.search.engines import database, engine
from apps.search.engines.engine import FRAGMENT_WORDS, MOST, Headline, TooSlow, Unanswered
from apps.search.language import NAMES, TRAITS, BadQuery, Query, moment
from apps.search.models import Document
from apps.search.narrowing import narrowed
from apps.search.texts import marked
from apps.stories.queries.rows import StoryRow
from apps.stories.queries.rows import listed_rows as listed_stories

PAGE_SIZE = 25
NAMES_SHOWN = 5
# Characters of which a headline without words is made.
BEGINNING = 400
Row = StoryRow | CommentRow | PersonRow | TagRow
ORDERS = {
    "relevance": Order("relevance", "float"),
    "newest": Order("created_at", "time"),
    "score": Order("points", "int"),
}
TARGET = ("pk", "kind", "target_id")
LISTED: dict[str, Callable[[list[int]], Sequence[Row]]] = {
    "story": listed_stories,
    "comment": listed_comments,
    "person": listed_people,
    "tag": listed_tags,
}
# What no statistics foretell, such as how often two words follow each other, is first looked for in the newest
# documents. If these hold ENOUGH, the rest is left alone.
WINDOW = 100_000
ENOUGH = 200
# How long it is remembered where the window begins, which need not be exact.
WINDOW_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Hit:
    """What was found, and the parts of it that say why."""

    kind: str
    row: Row
    title: SafeString
    text: SafeString


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits; `count` are on all pages. Documents from before `since` were not looked at."""

    page: Page[Hit]
    count: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class _Pool:
    """Values to sort by, with ids of documents, newest first."""

    matches: Sequence[tuple[Position, int]]
    since: datetime | None


def orders_of(query: Query) -> list[str]:
    """The orders in which results of `query` make sense, the usual one first."""
    if query.is_for_names:
        return ["score"]
    return [name for name in ORDERS if name != "relevance" or query.has_words]


def search(query: Query, *, order: str, cursor: Cursor | None) -> Found:
    """A page of 25 that fit `query` and that everybody may see.

    Raises BadQuery, Unanswered. At most 9 queries, of which those to the engine end in half a second each.
    """
    keys = ORDERS[order]
    pool = _pool(query, keys)
    if not pool.matches and query.has_words and not engine().knows_words(query):
        raise BadQuery("Nearly every text holds these words. Add one that says more.")
    page = page_of(pool.matches, order=keys, cursor=cursor, size=PAGE_SIZE)
    return Found(page.of(_hits(query, page.rows)), len(pool.matches), pool.since)


def names(query: Query) -> list[Hit]:
    """The people and tags, few of each, whose names begin with the one word of `query`. At most 6 queries."""
    if len(query.words) != 1:
        return []
    try:
        found = [_named(query.turned_to(kind)) for kind in NAMES]
    except Unanswered:
        return []
    best = [pk for matches in found for _, pk in sorted(matches, reverse=True)[:NAMES_SHOWN]]
    return _hits(query.turned_to(NAMES[0]), best)


def _named(query: Query) -> list[tuple[Position, int]]:
    return _matches(narrowed(engine().matching(query).rows, query), ORDERS["score"], None)


def _pool(query: Query, order: Order) -> _Pool:
    """The newest matches: of the window if it holds enough of them, or if there is no time for more."""
    matching = engine().matching(query)
    rows = narrowed(matching.rows, query)
    has_window = not matching.are_named and _needs_window(query)
    window = _beginning(query.value_of("before:")) if has_window else None
    pool = _Pool(_matches(rows, order, window), window or matching.since)
    if window and len(pool.matches) < ENOUGH:
        with suppress(TooSlow):
            pool = _Pool(_matches(rows, order, None), None)
    return pool if len(pool.matches) < MOST else _Pool(pool.matches, _time_of(pool.matches[-1][1]))


def _needs_window(query: Query) -> bool:
    """Whether it asks for more than words and a kind, which the database can plan for."""
    has_phrases = any(not term.text.isalnum() for group in query.words for term in group)
    return has_phrases or any(one.operator != "is:" or query.chosen in TRAITS for one in query.filters)


def _beginning(until: str) -> datetime | None:
    """When the newest WINDOW documents before a date begin; None when there are fewer. Mostly no query."""
    key = f"search:window:{until}"
    known: datetime | str | None = cache.get(key)
    if known is None:
        times = Document.objects.order_by("-created_at", "-pk").values_list("created_at", flat=True)
        times = times.filter(created_at__lt=moment(until)) if until else times
        known = times[WINDOW : WINDOW + 1].first() or "none"
        cache.set(key, known, WINDOW_SECONDS)
    return known if isinstance(known, datetime) else None


def _matches(rows: QuerySet[Document], order: Order, since: datetime | None) -> list[tuple[Position, int]]:
    rows = (rows.filter(created_at__gte=since) if since else rows).order_by("-created_at", "-pk")
    with database().time_limit(router.db_for_read(Document)):
        return list(rows.values_list(order.field, "pk")[:MOST])


def _time_of(pk: int) -> datetime | None:
    return Document.objects.filter(pk=pk).values_list("created_at", flat=True).first()


def _hits(query: Query, ids: list[int]) -> list[Hit]:
    """What is shown of documents, without those whose rows have gone since they were indexed."""
    targets = {pk: (kind, target) for pk, kind, target in Document.objects.filter(pk__in=ids).values_list(*TARGET)}
    rows = {
        (kind, row.id): row
        for kind in LISTED
        if (ids_of_kind := [target for of, target in targets.values() if of == kind])
        for row in LISTED[kind](ids_of_kind)
    }
    shown = [pk for pk in ids if targets.get(pk) in rows]
    heads = _headlines(query, shown)
    return [
        Hit(targets[pk][0], rows[targets[pk]], marked(heads[pk].title), marked(heads[pk].body))
        for pk in shown
        if pk in heads
    ]


def _headlines(query: Query, ids: Sequence[int]) -> dict[int, Headline]:
    """Parts with the words; of names, and without words to look for, the beginning."""
    if query.has_words and not query.is_for_names:
        with database().time_limit(router.db_for_read(Document)):
            return engine().headlines(query, ids)
    rows = Document.objects.filter(pk__in=ids).values_list("pk", "title", Left("body", BEGINNING))
    return {pk: Headline(title, Truncator(body).words(FRAGMENT_WORDS)) for pk, title, body in rows}
