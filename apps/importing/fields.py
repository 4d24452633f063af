"""Values of an item's fields, checked and clean. Not here: what an item needs (items.py)."""

import json
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from apps.core.errors import Invalid
from apps.core.text import clean_line
from apps.importing.models import SOURCE_ID_LENGTH

WORD_LENGTH = 40
# Names come again and again: as many results are kept.
REMEMBERED = 10_000
NOT_IN_A_WORD = re.compile(r"[^a-z0-9_.+-]+")
# Control characters inside strings are let through here, and taken out of what is kept.
DECODER = json.JSONDecoder(strict=False)

Fields = Mapping[str, Any]


class BadItem(Invalid):
    """An item that cannot be taken in; the message is the reason."""


def decode(raw: bytes) -> Fields:
    """The JSON object in a line. Raises BadItem."""
    try:
        data = DECODER.decode(raw.decode())
    except UnicodeDecodeError as error:
        raise BadItem(f"not UTF-8 at byte {error.start}") from error
    except RecursionError as error:
        raise BadItem("not an item: nested too deeply") from error
    except ValueError as error:
        raise BadItem(f"not JSON: {error}") from error
    if not isinstance(data, dict):
        raise BadItem("not an item: not a JSON object")
    return data


def identifier(data: Fields, field: str) -> str:
    """A whole number or short text, as text. Raises BadItem."""
    value = data.get(field)
    if type(value) is not int and not isinstance(value, str):
        raise BadItem(f"{field} is not a number or a short text")
    text = str(value)
    if not 0 < len(text) <= SOURCE_ID_LENGTH or not text.isprintable() or text.strip() != text:
        raise BadItem(f"{field} is empty, longer than {SOURCE_ID_LENGTH} characters, or has odd characters")
    return text


def integer(data: Fields, field: str) -> int | None:
    """A whole number; None when absent. Raises BadItem."""
    value = data.get(field)
    # True and False are numbers to Python alone.
    if value is not None and type(value) is not int:
        raise BadItem(f"{field} is not a whole number")
    return value


def string(data: Fields, field: str) -> str:
    """A text as it is; "" when absent. Raises BadItem."""
    value = data.get(field)
    if value is not None and not isinstance(value, str):
        raise BadItem(f"{field} is not a text")
    return value or ""


def name(data: Fields, field: str, longest: int) -> str:
    """A clean text of one line; "" when absent. Raises BadItem."""
    text = string(data, field)
    if len(text) > longest:
        raise BadItem(f"{field} is longer than {longest} characters")
    return _clean_name(text) if text else ""


@lru_cache(maxsize=REMEMBERED)
def word(text: str) -> str:
    """`text` as a name of a tag: small letters, digits and a few marks; "" when nothing is left."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return NOT_IN_A_WORD.sub("-", plain.strip()).lstrip("_.+-")[:WORD_LENGTH].rstrip("-")


def slug(text: str) -> str:
    """`text` as a name of a community: like a word, with dashes only."""
    return word(text).replace(".", "-").replace("+", "-") if text else ""


@lru_cache(maxsize=REMEMBERED)
def _clean_name(name: str) -> str:
    return clean_line(name)
