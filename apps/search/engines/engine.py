"""What searches ask of a full text engine. Not here: what they filter and sort by (queries.py)."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db.models import QuerySet

from apps.core.errors import DomainError
from apps.search.language import Query
from apps.search.models import Document

# A question that takes longer is given up.
TIME_LIMIT_SECONDS = 0.5
# Of a common word the newest matches alone are ranked and sorted; to look at all would take seconds.
MOST = 1_000
# Of a text; headlines come from its beginning.
HEADLINE_CHARACTERS = 20_000
FRAGMENT_WORDS = 24


class Unanswered(DomainError):
    """The engine has no answer to a search that is right."""

    status = 503


class TooSlow(Unanswered):
    """The engine did not find it in TIME_LIMIT_SECONDS."""

    code = "search-too-slow"
    message = "This search took too long. Add a word that fewer texts hold, or an operator."


class OutOfOrder(Unanswered):
    """The server of the engine cannot be reached, or fails."""

    code = "search-out-of-order"
    message = "Search is out of order at the moment. Try again in a few minutes."


@dataclass(frozen=True, slots=True)
class Headline:
    """Parts of a document, what was found between START and STOP of texts.py. Not safe HTML yet."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Matches:
    """Documents that hold words, each with its `relevance`, higher for better ones."""

    rows: QuerySet[Document]
    # Those from before were not looked at.
    since: datetime | None = None
    # Whether the rows are named one by one, and so few that it costs little to sort out those that fit.
    are_named: bool = False


class Engine(Protocol):
    """What finds documents; they are the database's."""

    def matching(self, query: Query) -> Matches:
        """Documents that hold the words of `query`. At most a request to a server, which raises Unanswered."""

    def knows_words(self, query: Query) -> bool:
        """Whether any word of `query` is worth searching; what every text holds ("the") is not. At most 1 query."""

    def headlines(self, query: Query, ids: Sequence[int]) -> dict[int, Headline]:
        """What to show of these documents. 1 query."""


class Database(Engine, Protocol):
    """The database's own full text search, whose index lies beside the documents."""

    def index(self, documents: Sequence[Document]) -> None:
        """Take in unsaved documents, each in place of the one of the same kind and target. 1 query."""

    def time_limit(self, alias: str) -> AbstractContextManager[None]:
        """Have the questions in the block end in time, on the database `alias`. Raises TooSlow."""


class Server(Engine, Protocol):
    """A server that is told what the documents say."""

    def prepare(self) -> None:
        """Have an index of today's form, empty if there was none of that form; any other is deleted."""

    def follow(self, kind: str, documents: Sequence[Document], gone: Sequence[int]) -> None:
        """Take in documents of a kind and forget the targets that are gone, before the next question. Idempotent."""
