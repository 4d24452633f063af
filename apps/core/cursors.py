"""Keyset cursors: pages by "everything after this row", never by offset. Not here: what is listed."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, Literal, TypeVar

from django.db.models import BooleanField, F, Func, Lookup, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan

from apps.core.errors import Invalid

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LARGEST_INTEGER = 2**63 - 1

Kind = Literal["float", "int", "time"]
Position = float | int | datetime
Row = TypeVar("Row")
Other = TypeVar("Other")


class BadCursor(Invalid):
    """The address names a place in the list that cannot exist."""

    code = "bad-cursor"
    message = "This page's address is damaged. Go back to the first page of the list."


@dataclass(frozen=True, slots=True)
class Order:
    """A total order: `field`, then id, both descending unless `ascending`."""

    field: str
    kind: Kind
    ascending: bool = False

    def columns(self, *, backwards: bool = False) -> tuple[str, str]:
        """The ORDER BY columns; `backwards` turns the order around."""
        sign = "" if self.ascending != backwards else "-"
        return f"{sign}{self.field}", f"{sign}id"


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in an ordered list: just after or just before the row (value, id)."""

    direction: Literal["after", "before"]
    value: Position
    id: int

    def condition(self, order: Order) -> "Lookup[bool]":
        """Rows beyond this place: a comparison of pairs, which an index starts at, however many rows are equal."""
        beyond = GreaterThan if order.ascending == (self.direction == "after") else LessThan
        return beyond(_Pair(F(order.field), F("id")), _Pair(Value(self.value), Value(self.id)))


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows of one page, and the query strings of its neighbors ("" when there is none)."""

    rows: list[Row]
    previous: str
    next: str

    def of(self, rows: list[Other]) -> "Page[Other]":
        """The same place in the list with other rows in it."""
        return Page(rows, self.previous, self.next)


def parse(params: Mapping[str, str], order: Order) -> Cursor | None:
    """The cursor in a query string's `after` or `before`; None on the first page. Raises BadCursor."""
    if "after" in params:
        return _cursor("after", params["after"], order.kind)
    if "before" in params:
        return _cursor("before", params["before"], order.kind)
    return None


def after(row: Mapping[str, Any], order: Order) -> str:
    """The query string of what comes after `row`, which holds `id` and the order's field."""
    return _link("after", row, order)


def paginate(rows: QuerySet[Any, Any], *, order: Order, cursor: Cursor | None, size: int) -> Page[dict[str, Any]]:
    """One page of `rows`, a `.values()` queryset that holds `id` and the order's field. 1 query.

    A page before the first full one becomes the first page itself (one query more).
    """
    backwards = cursor is not None and cursor.direction == "before"
    ordered = rows.order_by(*order.columns(backwards=backwards))
    found = list(ordered.filter(cursor.condition(order))[: size + 1] if cursor else ordered[: size + 1])
    more = len(found) > size
    if backwards and not more:
        return paginate(rows, order=order, cursor=None, size=size)
    found = found[:size]
    if backwards:
        found.reverse()
    return Page(
        found,
        previous=_link("before", found[0], order) if found and (cursor if not backwards else more) else "",
        next=_link("after", found[-1], order) if found and (more or backwards) else "",
    )


def page_of(found: Iterable[tuple[Position, int]], *, order: Order, cursor: Cursor | None, size: int) -> Page[int]:
    """The same of rows in memory, in descending order: pairs of the order's value and the id. Returns ids. No query."""
    rows = sorted(found, reverse=True)
    start = 0
    if cursor is not None:
        place = (cursor.value, cursor.id)
        if cursor.direction == "after":
            start = sum(row >= place for row in rows)
        else:
            start = max(sum(row > place for row in rows) - size, 0)
    shown: list[dict[str, Any]] = [{order.field: value, "id": pk} for value, pk in rows[start : start + size]]
    return Page(
        [row["id"] for row in shown],
        previous=_link("before", shown[0], order) if shown and start else "",
        next=_link("after", shown[-1], order) if start + size < len(rows) else "",
    )


class _Pair(Func):
    """`(a, b)`, which both databases compare by a, then by b."""

    template = "(%(expressions)s)"
    arity = 2
    output_field = BooleanField()  # never used, but every expression has one


def _cursor(direction: Literal["after", "before"], text: str, kind: Kind) -> Cursor:
    value, _, row_id = text.partition("~")
    return Cursor(direction, _value(value, kind), _integer(row_id))


def _value(text: str, kind: Kind) -> Position:
    if kind == "float":
        try:
            number = float(text)
        except ValueError as error:
            raise BadCursor from error
        if not math.isfinite(number):
            raise BadCursor
        return number
    number = _integer(text)
    if kind == "int":
        return number
    try:
        return EPOCH + timedelta(microseconds=number)
    except OverflowError as error:
        raise BadCursor from error


def _integer(text: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 20 and int(digits) <= LARGEST_INTEGER):
        raise BadCursor
    return int(text)


def _link(direction: str, row: Mapping[str, Any], order: Order) -> str:
    value = row[order.field]
    if isinstance(value, datetime):
        value = (value - EPOCH) // timedelta(microseconds=1)
    return f"?{direction}={value!r}~{row['id']}"
