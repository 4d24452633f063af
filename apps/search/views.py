"""The page of results, which also explains how to search."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.core import cursors
from apps.core.text import clean_line
from apps.pagecache.pages import cached_page
from apps.search import queries, tags
from apps.search.engines.engine import Unanswered
from apps.search.examples import EXAMPLES
from apps.search.language import BadQuery, Filter, Query, parse

# The tabs, by the word after "is:" that each stands for.
TABS = {"": "All", "story": "Stories", "comment": "Comments", "person": "People", "tag": "Tags"}
# Longer ones are refused, and not given back.
LONGEST_SHOWN = 1000


@require_safe
@cached_page(seconds=60, tags=[tags.INDEX, tags.FRONT_PAGE, tags.NEWEST_COMMENTS, tags.STORY_TITLES, tags.PEOPLE])
def search(request: HttpRequest) -> HttpResponse:
    """What fits a search, the same for everybody; without one, how to search."""
    typed = clean_line(request.GET.get("q", ""))
    context: dict[str, object] = {"typed": typed[:LONGEST_SHOWN], "refusal": "", "found": None, "examples": EXAMPLES}
    status = 200
    if typed:
        try:
            context |= _found(request, parse(typed))
        except BadQuery as error:
            context["refusal"], status = error.detail, error.status
        except Unanswered as error:
            # Kept as any page is, so that it is not tried again and again.
            context["refusal"] = error.detail
    return render(request, "search/search.html", context, status=status)


def _found(request: HttpRequest, query: Query) -> dict[str, object]:
    orders = queries.orders_of(query)
    order = request.GET.get("order", "")
    order = order if order in orders else orders[0]
    cursor = cursors.parse(request.GET, queries.ORDERS[order])
    found = queries.search(query, order=order, cursor=cursor)
    kind = query.kinds[0] if len(query.kinds) == 1 else ""
    # Names cannot be followed.
    feed = {} if query.is_for_names else {"feed": f"{reverse('search:search')}{address(query)}"}
    return feed | {
        "found": found,
        "names": [] if cursor or query.filters else queries.names(query),
        "canonical": address(query, order, orders[0]),
        "tabs": [(name, address(query.turned_to(word)), word == kind) for word, name in TABS.items()],
        "orders": [(name, address(query, name, orders[0]), name == order) for name in orders],
        "chips": [(one, address(query.without(one))) for one in query.filters if one.operator != "is:"],
        "older": _older(query, found.since) if found.since else None,
        "extra": f"&{urlencode({'q': query, 'order': order})}",
    }


def address(query: Query, order: str = "", usual: str = "") -> str:
    """Where a search is found; its usual order is not said."""
    return "?" + urlencode({"q": str(query)} | ({"order": order} if order != usual else {}))


def _older(query: Query, since: datetime) -> tuple[Filter, str]:
    """The operator that finds what was not looked at, and the search with it."""
    before = Filter("before:", (f"{since + timedelta(days=1):%Y-%m-%d}",))
    others = tuple(one for one in query.filters if one.operator != before.operator)
    return before, address(Query(query.words, (*others, before)))
