"""What has changed, for those who follow the site."""

from django.utils import timezone

from apps.api.endpoints import Endpoint
from apps.api.operations import Answer, Call, operation
from apps.api.shapes import updates as shapes
from apps.api.shapes.base import Values
from apps.api.sharing import neighbor
from apps.changes import queries


class Updates(Endpoint):
    """The list of changes."""

    @operation(gives=shapes.Updates, query=shapes.UpdatesQuery, is_public=True, refusals=(410,))
    def get(self, call: Call, query: Values) -> Answer:
        """Read which stories and comments have changed. Votes and imports are not told."""
        now = timezone.now()
        if "since" not in query:
            return Answer({"items": [], "next": neighbor(call, since=queries.latest(now=now)), "has_more": False})
        news = queries.since(query["since"], now=now)
        items = [{"kind": kind, "id": key} for kind, key in news.changed]
        return Answer({"items": items, "next": neighbor(call, since=news.place), "has_more": news.has_more})
