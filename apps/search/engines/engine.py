"""What searches ask of a full text engine. Not here: what they filter and sort by (queries.py)."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from django.db.models import QuerySet

from apps.core.errors import DomainError
from apps.search.language import Query
from apps.search.models import Document

# A question that takes longer is given up.
TIME_LIMIT_SECONDS = 0.5
# Of a text; headlines come from its beginning.
HEADLINE_CHARACTERS = 20_000
FRAGMENT_WORDS = 24


class TooSlow(DomainError):
    """The engine did not find it in TIME_LIMIT_SECONDS."""

    status = 503
    code = "search-too-slow"
    message = "This search took too long. Add a word that fewer texts hold, or an operator."


@dataclass(frozen=True, slots=True)
class Headline:
    """Parts of a document, what was found between START and STOP of texts.py. Not safe HTML yet."""

    title: str
    body: str


class Engine(Protocol):
    """A full text engine; documents are the database's."""

    def index(self, documents: Sequence[Document]) -> None:
        """Take in unsaved documents, each in place of the one of the same kind and target. 1 query."""

    def matching(self, query: Query) -> QuerySet[Document]:
        """Documents that hold the words of `query`, each with its `relevance`, higher for better ones."""

    def knows_words(self, query: Query) -> bool:
        """Whether any word of `query` is worth searching; what every text holds ("the") is not. At most 1 query."""

    def headlines(self, query: Query, ids: Sequence[int]) -> dict[int, Headline]:
        """What to show of these documents. 1 query."""

    def time_limit(self, alias: str) -> AbstractContextManager[None]:
        """Have the questions in the block end in time, on the database `alias`. Raises TooSlow."""
