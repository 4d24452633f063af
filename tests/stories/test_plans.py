"""Lists of a large site walk an index from the cursor on: no database sorts the site for a page."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from apps.core.cursors import Cursor
from apps.stories.models import Story
from apps.stories.queries import lists
from apps.stories.queries.lists import Listing
from tests.conftest import CountQueries
from tests.factories import NOW, CommunityFactory, PersonFactory

SITE = ["hottest", "newest", "active", "top", "controversial", "most-commented"]
# Which scopes have an index for which orders.
WALKED = [("site", order) for order in SITE] + [("community", order) for order in SITE]
WALKED += [("domain", "newest"), ("person", "newest")]
NUM_STORIES = 4000

pytestmark = pytest.mark.drifts(reason="rows made by hand, for their number")


@pytest.fixture(scope="module")
def _site(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Thousands of stories, and the statistics that a planner goes by."""
    with django_db_blocker.unblock(), transaction.atomic():
        places = [CommunityFactory.create() for _ in range(4)]
        people = [PersonFactory.create() for _ in range(3)]
        Story.objects.bulk_create(
            Story(
                community=places[n % 4],
                author=people[n % 3],
                title=f"Story {n}",
                domain=f"site{n % 3}.example",
                created_at=NOW - timedelta(minutes=17 * n),
                active_at=NOW - timedelta(minutes=13 * n % 9000),
                hotness=n * 7919 % 3001 / 7,
                ups=n * 31 % 40 + 5,
                flags=n % 5,
                score=n * 31 % 40 + 5 - n % 5,
                controversy=n * 13 % 11 / 3,
                num_comments=n * 17 % 23,
            )
            for n in range(NUM_STORIES)
        )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield
        transaction.set_rollback(True)


def listing_of(scope: str, order: str) -> Listing:
    story = Story.objects.select_related("community", "author").order_by("pk")[0]
    match scope:
        case "community":
            return Listing(order, community=story.community)
        case "domain":
            return Listing(order, domain=story.domain)
        case "person":
            return Listing(order, person=story.author)
    return Listing(order)


def middle(listing: Listing) -> Cursor:
    """A place halfway down the list."""
    field = listing.keys.field
    rows = Story.objects.order_by(*listing.keys.columns()).values_list(field, "pk")
    value, pk = rows[NUM_STORIES // 2]
    return Cursor("after", value, pk)


def plan_of(count_queries: CountQueries, listing: Listing, cursor: Cursor | None) -> str:
    """What the database means to do for the page."""
    with count_queries() as asked:
        lists.listing(listing, cursor=cursor, now=NOW)
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as database:
        database.execute(f"{explain} {asked[0]}".replace("%", "%%"))
        return "\n".join(str(row[-1]) for row in database.fetchall())


def sorts(plan: str) -> bool:
    """Whether it sorts more than the rows of equal keys that an index brings together."""
    if connection.vendor == "sqlite":
        return "USE TEMP B-TREE FOR ORDER BY" in plan
    return bool(re.search(r"(?<!Incremental )Sort\b(?! Key| Method)", plan)) or "Seq Scan on stories_story" in plan


@pytest.mark.django_db
@pytest.mark.usefixtures("_site")
@pytest.mark.parametrize("place", ["first page", "middle page"])
@pytest.mark.parametrize(("scope", "order"), WALKED)
def test_a_page_is_read_from_an_index_in_order(count_queries: CountQueries, scope: str, order: str, place: str) -> None:
    listing = listing_of(scope, order)

    plan = plan_of(count_queries, listing, middle(listing) if place == "middle page" else None)

    assert re.search("stories_(hottest|newest|active|top|controv|most|community|domain|author)", plan), plan
    assert not sorts(plan), plan


@pytest.mark.django_db
@pytest.mark.usefixtures("_site")
@pytest.mark.parametrize("window", ["month", "year"])
def test_a_long_window_walks_down_the_scores(count_queries: CountQueries, window: str) -> None:
    plan = plan_of(count_queries, Listing("top", window), None)

    assert not sorts(plan), plan


@pytest.mark.django_db
@pytest.mark.usefixtures("_site")
@pytest.mark.parametrize("window", ["hour", "day"])
def test_a_short_window_looks_at_its_own_stories_only(count_queries: CountQueries, window: str) -> None:
    plan = plan_of(count_queries, Listing("top", window), None)

    assert re.search("stories_(community_)?newest", plan), plan
