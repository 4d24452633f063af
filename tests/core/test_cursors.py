"""Walking through lists by cursors."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts.models import User
from apps.communities.models import Community
from apps.core.cursors import BadCursor, Cursor, Kind, Order, Page, paginate, parse
from apps.stories.models import Story
from tests.factories import NOW, PersonFactory, StoryFactory

Rows = Page[dict[str, Any]]
BY_KARMA = Order("karma", "int")
BY_AGE = Order("date_joined", "time", ascending=True)
BAD = [
    ("int", "~"),
    ("int", ""),
    ("int", "5"),
    ("int", "~5"),
    ("int", "5~"),
    ("int", "5~x"),
    ("int", "5~1~2"),
    ("int", "1.5~1"),
    ("int", "--5~1"),
    ("int", "٣~1"),
    ("int", "9223372036854775808~1"),
    ("int", f"{'9' * 5000}~1"),
    ("int", "5~9223372036854775808"),
    ("int", "5~\x00"),
    ("float", "nan~1"),
    ("float", "inf~1"),
    ("float", "-inf~1"),
    ("float", "1e999~1"),
    ("float", "abc~1"),
    ("time", "2026-03-01~1"),
    ("time", "9223372036854775807~1"),
    ("time", "-9223372036854775807~1"),
]


def add(values: list[int]) -> None:
    """People whose karma and joining time are these."""
    taken = User.objects.count()
    User.objects.bulk_create(
        User(username=f"p{taken + n}", karma=value, date_joined=NOW + timedelta(days=value))
        for n, value in enumerate(values)
    )


def page_of(link: str, order: Order, size: int = 3) -> Rows:
    rows = User.objects.values("id", order.field)
    return paginate(rows, order=order, cursor=parse(dict(parse_qsl(link.removeprefix("?"))), order), size=size)


def walk(page: Rows, way: str, order: Order, size: int, arriving: Iterator[int]) -> list[Rows]:
    """The pages from `page` on; between two pages somebody joins, as long as there is somebody."""
    pages = [page]
    while link := getattr(pages[-1], way):
        add(list(islice(arriving, 1)))
        pages.append(page_of(link, order, size))
    return pages


def ids_on(pages: Iterable[Rows]) -> list[int]:
    return [row["id"] for page in pages for row in page.rows]


def ids_in(order: Order) -> list[int]:
    return list(User.objects.order_by(*order.columns()).values_list("id", flat=True))


@pytest.mark.parametrize("direction", ["after", "before"])
@pytest.mark.parametrize(("kind", "text"), BAD)
def test_a_damaged_place_is_refused(direction: str, kind: Kind, text: str) -> None:
    with pytest.raises(BadCursor):
        parse({direction: text}, Order("x", kind))


def test_without_a_place_it_is_the_first_page() -> None:
    assert parse({"page": "2"}, BY_KARMA) is None


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["9223372036854775807~9223372036854775807", "-9223372036854775807~0"])
def test_a_place_beyond_every_row_is_an_empty_or_a_whole_page(place: str) -> None:
    PersonFactory.create(karma=3)

    pages = [page_of(f"?{direction}={place}", BY_KARMA) for direction in ("after", "before")]

    assert [len(page.rows) for page in pages] in ([1, 1], [0, 1])


@pytest.mark.drifts(reason="ranks made up")
@pytest.mark.django_db
@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_float_is_the_same_number_in_the_address_and_in_the_database(hotness: float) -> None:
    order = Order("hotness", "float")
    story = Story.objects.first() or StoryFactory.create()
    Story.objects.filter(pk=story.pk).update(hotness=hotness)
    place = parse({"after": f"{hotness!r}~{story.pk + 1}"}, order)
    beyond = parse({"after": f"{hotness!r}~{story.pk}"}, order)
    assert place
    assert beyond

    stories = Story.objects.filter(pk=story.pk)

    assert stories.get().hotness == hotness
    assert stories.filter(place.condition(order)).exists()
    assert not stories.filter(beyond.condition(order)).exists()


@pytest.mark.django_db
@given(
    values=st.lists(st.integers(-2, 2), max_size=17),
    newcomers=st.lists(st.integers(-3, 3), max_size=8),
    size=st.integers(1, 5),
    order=st.sampled_from([BY_KARMA, BY_AGE]),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_forth_and_back_shows_every_row_once_while_others_arrive(
    values: list[int], newcomers: list[int], size: int, order: Order
) -> None:
    User.objects.all().delete()
    add(values)
    old = ids_in(order)
    arriving = iter(newcomers)

    forth = walk(page_of("", order, size), "next", order, size, arriving)
    back = walk(forth[-1], "previous", order, size, arriving)

    shown = ids_on(forth)
    assert [pk for pk in shown if pk in old] == old
    assert len(set(shown)) == len(shown)
    # The first page is always full, so it alone may repeat rows of the page after it.
    *later, first = back
    shown = ids_on(reversed(later))
    assert len(set(shown)) == len(shown)
    assert ids_on([first]) == ids_in(order)[: len(first.rows)]
    assert set(old) <= {*shown, *ids_on([first])}
    assert [pk for pk in shown if pk in old] == [pk for pk in old if pk in shown]


@pytest.mark.django_db
def test_the_first_page_of_a_list_has_no_previous_one() -> None:
    add([1, 2, 3, 4])

    page = page_of("", BY_KARMA)

    assert [row["karma"] for row in page.rows] == [4, 3, 2]
    assert not page.previous
    assert page.next


@pytest.mark.django_db
def test_going_back_from_the_second_row_shows_the_whole_first_page() -> None:
    add([1, 2, 3, 4])
    second = User.objects.get(karma=3)

    page = page_of(f"?before=3~{second.pk}", BY_KARMA)

    assert [row["karma"] for row in page.rows] == [4, 3, 2]
    assert not page.previous


@pytest.mark.django_db
def test_times_are_exact_to_the_microsecond() -> None:
    moment = datetime(2026, 3, 1, 12, 0, 0, 123457, tzinfo=UTC)
    Community.objects.create(slug="a", name="A", created_at=moment)
    order = Order("created_at", "time")
    cursor = Cursor("after", moment + timedelta(microseconds=1), 0)

    page = paginate(Community.objects.values("id", "created_at"), order=order, cursor=cursor, size=1)

    assert [row["created_at"] for row in page.rows] == [moment]
