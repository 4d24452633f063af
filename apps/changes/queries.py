"""What has changed since a place in the list of changes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apps.changes.models import Change
from apps.core.cursors import BadCursor, Cursor, Order
from apps.core.errors import DomainError

PAGE_SIZE = 500
KEPT = timedelta(days=7)
CLOCKS_DIFFER = timedelta(minutes=1)
# A transaction, a row of it, and a Unix time: it is known to hold all until then.
PARTS = 3
LARGEST = 2**63 - 1
LATEST_TIME = datetime(9000, 1, 1, tzinfo=UTC).timestamp()
IN_ORDER = Order("transaction", "int", ascending=True)


class TooLongAgo(DomainError):
    """What came after this place is forgotten."""

    status = 410
    code = "too-long-ago"
    message = "That is too long ago: changes are kept for a week. Read everything again, then follow from here."


@dataclass(frozen=True, slots=True)
class News:
    """Things that have changed, each once, by kind and key; the place after them; and whether there are more."""

    changed: list[tuple[str, int]]
    place: str
    has_more: bool


def since(place: str, *, now: datetime) -> News:
    """Up to 500 changes after `place`, in the order of their becoming certain. Raises BadCursor, TooLongAgo.

    Nothing is missed: a change is told only when nothing can come before it any more. While a transaction is at work,
    what was written by later ones waits for it. 1 query, 2 when there is nothing new.
    """
    transaction, row, time = _parts(place)
    if time < (now - KEPT).timestamp():
        raise TooLongAgo
    after = Cursor("after", transaction, row).condition(IN_ORDER)
    found = list(Change.objects.settled().filter(after)[: PAGE_SIZE + 1])
    if not found and _is_of_another_server(time):
        raise TooLongAgo
    shown, has_more = found[:PAGE_SIZE], len(found) > PAGE_SIZE
    if shown:
        transaction, row = shown[-1].transaction, shown[-1].pk
    moment = shown[-1].created_at if has_more else now
    changed = dict.fromkeys((change.kind, change.key) for change in shown)
    return News(list(changed), _place(transaction, row, moment), has_more)


def latest(*, now: datetime) -> str:
    """The place after all that is certain now. 1 query."""
    last = Change.objects.settled().last()
    return _place(last.transaction, last.pk, now) if last else _place(0, 0, now)


def _is_of_another_server(time: int) -> bool:
    """Whether something has changed since that does not come after the place: transactions were numbered anew, as they
    are where a dump is restored.
    """
    moment = datetime.fromtimestamp(time, UTC) + CLOCKS_DIFFER
    return Change.objects.settled().filter(created_at__gt=moment).exists()


def _place(transaction: int, row: int, moment: datetime) -> str:
    return f"{transaction}~{row}~{moment.astimezone(UTC).timestamp():.0f}"


def _parts(place: str) -> tuple[int, ...]:
    parts = place.split("~")
    if len(parts) != PARTS or not all(part.isascii() and part.isdigit() and len(part) < 20 for part in parts):
        raise BadCursor
    numbers = tuple(map(int, parts))
    if max(numbers) > LARGEST or numbers[-1] > LATEST_TIME:
        raise BadCursor
    return numbers
