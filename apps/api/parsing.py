"""What programs send: JSON, and nothing that two readers could understand differently."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

# No body of the API has more than two.
DEEPEST = 20


class StrictJSONParser(BaseParser):
    """RFC 8259 without its liberties: UTF-8, no duplicate names, no NaN, not nested deeper than anybody needs."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """The body. Raises ParseError."""
        try:
            found = json.loads(stream.read().decode(), object_pairs_hook=_object, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise ParseError(f"The body is not JSON: {_reason(error)}.") from error
        if _depth(found) > DEEPEST:
            raise ParseError(f"The body is nested deeper than {DEEPEST} levels.")
        return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ParseError("The body holds an object with the same name twice.")
    return found


def _no_number(word: str) -> NoReturn:
    raise ParseError(f"The body holds {word}, which is no number of JSON.")


def _reason(error: Exception) -> str:
    match error:
        case json.JSONDecodeError():
            return f"{error.msg[0].lower()}{error.msg[1:]} in line {error.lineno}, column {error.colno}"
        case UnicodeDecodeError():
            return "it is not in UTF-8"
        case RecursionError():
            return "it is nested too deeply"
    return "it holds a number that is too long"


def _depth(found: Any) -> int:
    level, depth = [found], 0
    while level:
        depth += 1
        level = [item for outer in level for item in _inside(outer)]
    return depth


def _inside(found: Any) -> Iterable[Any]:
    match found:
        case dict():
            return found.values()
        case list():
            return found
    return ()
