"""OpenSearch, a server of its own. It finds documents by their words; the database sorts out those that operators want.

Like the database, it gives the newest that hold the words. Not here: the documents themselves, which the database has.
"""

import json
import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache, reduce
from hashlib import sha256
from operator import or_
from typing import Any

import httpx
from django.conf import settings
from django.db.models import FloatField, Func, JSONField, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from apps.search.engines.engine import MOST, TIME_LIMIT_SECONDS, Headline, Matches, OutOfOrder, TooSlow
from apps.search.language import NAMES, TRAITS, Query, Term, moment
from apps.search.models import Document
from apps.search.texts import JOINT, START, STOP, parted

logger = logging.getLogger(__name__)

# A job that tells of documents gives up then, and is tried again.
WRITE_SECONDS = 10
# Where the database has to sort out, so many are looked at: what an index gives at once unless told otherwise.
MOST_TO_SORT_OUT = 10_000
# Of a part of a text.
FRAGMENT_CHARACTERS = 150
# Kept inside of signs that stay, since control characters at the ends of a part are cut off as blanks.
MARKS = {"pre_tags": [JOINT + START], "post_tags": [STOP + JOINT]}
ANSWER = "timed_out,_shards.failed,hits.hits._id,hits.hits._score,hits.hits.sort,hits.hits.highlight"
# The number beside a name in JSON, for both databases.
SCORE = "CAST((%(expressions)s)) AS double precision)"
# Words of the site's language, a title's counting more; names are no words of a language.
FIELDS, FIELDS_OF_NAMES = ["title^4", "body"], ["name", "about"]


def matching(query: Query) -> Matches:
    """The newest with the words, ranked by bm25. What has no words is the database's to find."""
    if not query.words:
        return Matches(Document.objects.annotate(relevance=Value(0.0, FloatField())))
    size = MOST if _is_understood(query) else MOST_TO_SORT_OUT
    newest = {"sort": [{"created_at": "desc"}], "track_scores": True, "track_total_hits": False}
    hits = _hits({"query": _asked(query), "size": size, **newest})
    scores = {hit["_id"]: hit["_score"] for hit in hits}
    since = datetime.fromtimestamp(hits[-1]["sort"][0] / 1000, UTC) if len(hits) == size else None
    return Matches(_documents(scores), since, are_named=True)


def knows_words(query: Query) -> bool:
    """Whether anything is left of the words when stop words are dropped; names have none."""
    texts = [parted(term.text) for group in query.words for term in group]
    return query.is_for_names or bool(_ask("/_analyze", {"field": "title", "text": texts})["tokens"])


def headlines(query: Query, ids: Sequence[int]) -> dict[int, Headline]:
    """The whole title, and two parts of the text. 1 query and 1 request."""
    rows = Document.objects.filter(pk__in=ids).values_list("kind", "target_id", "pk", "title")
    known = {_name(kind, target): (pk, title) for kind, target, pk, title in rows}
    question = {"filter": [{"ids": {"values": list(known)}}], "must": [_words(query)]}
    parts = {"number_of_fragments": 2, "fragment_size": FRAGMENT_CHARACTERS, "no_match_size": FRAGMENT_CHARACTERS}
    marked = {**MARKS, "fields": {"title": {"number_of_fragments": 0}, "body": parts}}
    found = {}
    for hit in _hits({"query": {"bool": question}, "size": len(ids), "highlight": marked}):
        pk, title = known[hit["_id"]]
        held = hit.get("highlight", {})
        found[pk] = Headline(held.get("title", [title])[0], " … ".join(held.get("body", [])))
    return found


def prepare() -> None:
    """Have the address of the site's index be an alias of one of today's form."""
    form, client = _form(), _client(settings.SEARCH_URL)
    name = f"{_alias()}-{sha256(json.dumps(form).encode()).hexdigest()[:12]}"
    answer = client.get(client.base_url.join(f"/_alias/{_alias()}"))
    former = set() if answer.status_code == httpx.codes.NOT_FOUND else set(answer.raise_for_status().json())
    if name not in former:
        client.put(client.base_url.join(f"/{name}"), json=form).raise_for_status()
    for index in former - {name}:
        client.delete(client.base_url.join(f"/{index}")).raise_for_status()


def follow(kind: str, documents: Sequence[Document], gone: Sequence[int]) -> None:
    """Take in and forget in one request. Raises httpx.HTTPError, OutOfOrder, and then it can have done some of it."""
    lines = "".join(f"{json.dumps(line)}\n" for line in _lines(kind, documents, gone))
    if not lines:
        return
    # Pages are purged by what calls this, so the next question has to see it.
    how, what = {"refresh": "true", "require_alias": "true"}, {"content-type": "application/x-ndjson"}
    answer = _client(settings.SEARCH_URL).post("/_bulk", params=how, content=lines, headers=what)
    if (done := answer.raise_for_status().json())["errors"]:
        errors = [result["error"] for item in done["items"] for result in item.values() if "error" in result]
        raise OutOfOrder(f"{len(errors)} documents were refused: {errors[0]}")


def _alias() -> str:
    return httpx.URL(settings.SEARCH_URL).path.strip("/")


@cache
def _client(url: str) -> httpx.Client:
    """A process's connections. Passwords leave the address, which stands in errors."""
    address = httpx.URL(url)
    auth = (address.username, address.password) if address.username else None
    return httpx.Client(base_url=address.copy_with(userinfo=b""), auth=auth, timeout=WRITE_SECONDS)


def _ask(path: str, body: dict[str, Any]) -> dict[str, Any]:
    """An answer in the time that a search has. Raises TooSlow, OutOfOrder."""
    try:
        answer = _client(settings.SEARCH_URL).post(path, json=body, timeout=TIME_LIMIT_SECONDS)
        said: dict[str, Any] = answer.raise_for_status().json()
    except httpx.TimeoutException as error:
        raise TooSlow from error
    except (httpx.HTTPError, ValueError) as error:
        logger.warning("OpenSearch gave no answer: %r", error)
        raise OutOfOrder from error
    return said


def _hits(body: dict[str, Any]) -> list[dict[str, Any]]:
    limited = {"timeout": f"{TIME_LIMIT_SECONDS * 1000:.0f}ms", "_source": False, **body}
    said = _ask(f"/_search?filter_path={ANSWER}", limited)
    if said["timed_out"]:
        raise TooSlow
    if said["_shards"]["failed"]:
        logger.warning("OpenSearch could not ask all of its shards")
        raise OutOfOrder
    hits: list[dict[str, Any]] = said.get("hits", {}).get("hits", [])
    return hits


def _is_understood(query: Query) -> bool:
    """Whether the server can tell all that fit: it knows words, kinds and times."""
    return query.chosen not in TRAITS and {one.operator for one in query.filters} <= {"is:", "before:", "after:"}


def _asked(query: Query) -> dict[str, Any]:
    times = {bound: query.value_of(operator) for bound, operator in (("gte", "after:"), ("lt", "before:"))}
    span = {bound: moment(date).isoformat() for bound, date in times.items() if date}
    fits = [{"terms": {"kind": list(query.kinds)}}, *([{"range": {"created_at": span}}] if span else [])]
    return {"bool": {"filter": fits, "must": [_names(query) if query.is_for_names else _words(query)]}}


def _words(query: Query) -> dict[str, Any]:
    """Each is quoted, so that nothing in it is an operator. Stop words drop out, whatever they are joined to."""
    groups = (f"{'-' * group[0].is_excluded}({' | '.join(map(_quoted, group))})" for group in query.words)
    return {"simple_query_string": {"query": " ".join(groups), "fields": FIELDS, "default_operator": "and"}}


def _quoted(term: Term) -> str:
    text = parted(term.text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _names(query: Query) -> dict[str, Any]:
    """Words with which names begin: of each group any."""
    groups: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for group in query.words:
        begun = {"type": "bool_prefix", "operator": "and", "fields": FIELDS_OF_NAMES}
        terms = [{"multi_match": {"query": parted(term.text), **begun}} for term in group]
        groups[group[0].is_excluded].append({"bool": {"should": terms}})
    return {"bool": {"must": groups[False], "must_not": groups[True]}}


def _documents(scores: dict[str, float]) -> QuerySet[Document]:
    """Those with these names, and what the server gave them."""
    targets: dict[str, list[int]] = {}
    for name in scores:
        kind, _, target = name.partition("-")
        targets.setdefault(kind, []).append(int(target))
    named = reduce(or_, (Q(kind=kind, target_id__in=ids) for kind, ids in targets.items()), Q(pk__in=[]))
    key = Concat("kind", Value("-"), Cast("target_id", TextField()), output_field=TextField())
    relevance = Func(Value(scores, JSONField()), key, arg_joiner=" ->> (", template=SCORE, output_field=FloatField())
    return Document.objects.filter(named).annotate(relevance=relevance)


def _name(kind: str, target: int) -> str:
    return f"{kind}-{target}"


def _form() -> dict[str, Any]:
    """An index of the site's language, sorted so that the newest are found first."""
    analyzer = "standard" if settings.SEARCH_LANGUAGE == "simple" else settings.SEARCH_LANGUAGE
    words, names = {"type": "text", "analyzer": analyzer}, {"type": "text"}
    fields = {"kind": {"type": "keyword"}, "created_at": {"type": "date"}}
    fields |= {"title": words, "body": words, "name": names, "about": names}
    return {
        "settings": {"index": {"sort.field": "created_at", "sort.order": "desc"}},
        "mappings": {"dynamic": "strict", "properties": fields},
        "aliases": {_alias(): {}},
    }


def _lines(kind: str, documents: Sequence[Document], gone: Sequence[int]) -> Iterator[dict[str, Any]]:
    title, body = ("name", "about") if kind in NAMES else ("title", "body")
    for one in documents:
        yield {"index": {"_id": _name(kind, one.target_id)}}
        yield {"kind": kind, "created_at": one.created_at.isoformat(), title: one.title, body: one.body}
    for target in gone:
        yield {"delete": {"_id": _name(kind, target)}}
