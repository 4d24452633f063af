"""Searching."""

from typing import Any

from apps.accounts.permissions import Viewer
from apps.api.endpoints import Endpoint
from apps.api.operations import Answer, Call, operation
from apps.api.shapes import comments, stories
from apps.api.shapes import search as shapes
from apps.api.shapes.base import Values
from apps.api.sharing import page_of
from apps.core import cursors
from apps.search import queries
from apps.search.language import parse
from apps.search.queries import Hit

NOTHING = dict.fromkeys(("story", "comment", "person", "tag"))


class Search(Endpoint):
    """All that everybody may see."""

    @operation(gives=shapes.Results, query=shapes.SearchQuery, is_public=True)
    def get(self, call: Call, query: Values) -> Answer:
        """Search stories, comments, people and tags."""
        wanted = parse(query["q"])
        order = query.get("order", queries.orders_of(wanted)[0])
        cursor = cursors.parse(call.query_params, queries.ORDERS[order])
        found = queries.search(wanted, order=order, cursor=cursor)
        answer = page_of(call, found.page, _shown(found.page.rows, call.user))
        return Answer(answer | {"total": found.count, "since": found.since})


def _shown(hits: list[Hit], viewer: Viewer) -> list[dict[str, object]]:
    """Hits as answers show them. 7 queries, none for visitors."""
    rows: dict[str, list[Any]] = {kind: [hit.row for hit in hits if hit.kind == kind] for kind in NOTHING}
    things: dict[tuple[str, int], object] = {("tag", row.id): row.name for row in rows["tag"]}
    things |= {("person", row.id): row for row in rows["person"]}
    things |= {("story", item["id"]): item for item in stories.shown(rows["story"], viewer)}
    things |= {("comment", item["id"]): item for item in comments.shown(rows["comment"], viewer)}
    return [_hit(hit) | {hit.kind: things[hit.kind, hit.row.id]} for hit in hits]


def _hit(hit: Hit) -> dict[str, object]:
    return {**NOTHING, "kind": hit.kind, "title_html": hit.title, "text_html": hit.text}
