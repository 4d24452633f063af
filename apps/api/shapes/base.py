"""What all shapes of input and output have in common. Not here: rules about contents (actions)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.utils.timezone import is_naive
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from apps.core.text import INVISIBLE

# What was asked for or sent, checked, by name.
Values = dict[str, Any]

LARGEST_ID = 2**63 - 1
MOST_IDS = 100


class Shape(serializers.Serializer[Any]):
    """What is answered."""

    def narrow(self, names: Collection[str]) -> None:
        """Leave out all fields but these. Raises ValidationError."""
        if unknown := sorted(set(names) - self.fields.keys()):
            raise ValidationError({"fields": [f"There is no field “{name}” here." for name in unknown]})
        for name in self.fields.keys() - set(names):
            self.fields.pop(name)


class List(Shape):
    """A whole list; each kind has its own `items`."""

    @property
    def item(self) -> Shape:
        """The shape of its items."""
        items: Any = self.fields["items"]
        shape: Shape = items.child
        return shape

    def narrow(self, names: Collection[str]) -> None:
        """Leave out all fields of its items but these. Raises ValidationError."""
        self.item.narrow(names)


class Page(List):
    """A page of a list."""

    previous = serializers.CharField(allow_null=True, help_text="The address of the page before; null on the first.")
    next = serializers.CharField(allow_null=True, help_text="The address of the page after; null on the last.")


class Input(serializers.Serializer[Any]):
    """What is sent. Unknown names are refused: a slip shall not pass for a wish that was granted."""

    part = "field"

    def to_internal_value(self, data: Any) -> Any:
        """The checked values by name. Raises ValidationError."""
        if isinstance(data, Mapping) and (unknown := sorted(data.keys() - self.fields.keys())):
            raise ValidationError({name: [f"There is no {self.part} of this name."] for name in unknown})
        return super().to_internal_value(data)


class Nothing(Input):
    """No body at all."""


class Text(serializers.CharField):
    """A string, and no number that could be written as one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"trim_whitespace": False} | kwargs)

    def to_internal_value(self, data: Any) -> str:
        """The string as it was sent."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    """True or false, and no word for it."""

    def to_internal_value(self, data: Any) -> bool:
        """The value."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Whole(serializers.IntegerField):
    """A whole number of JSON."""

    def to_internal_value(self, data: Any) -> int:
        """The number."""
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return int(super().to_internal_value(data))


class Moment(serializers.DateTimeField):
    """A time with its zone."""

    default_error_messages = {"naive": "Say the zone, too, such as 2026-03-01T12:00:00Z."}

    def enforce_timezone(self, value: datetime) -> datetime:
        """The time in the site's zone."""
        if is_naive(value):
            self.fail("naive")
        return super().enforce_timezone(value)


class Id(Whole):
    """The number of a row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": LARGEST_ID} | kwargs)


class Words(serializers.CharField):
    """A list in a query string, joined by commas; empty words are dropped."""

    def to_internal_value(self, data: Any) -> Any:
        """The words, each once, in their order."""
        text = str(super().to_internal_value(data))
        if INVISIBLE.search(text):
            self.fail("invalid")
        return list(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))


class Ids(Words):
    """Up to a hundred numbers of rows in a query string."""

    default_error_messages = {
        "no_id": "These are whole numbers, joined by commas, such as 12,15.",
        "too_many": f"Ask for at most {MOST_IDS} at once.",
    }

    def to_internal_value(self, data: Any) -> Any:
        """The numbers, each once, in their order."""
        words = super().to_internal_value(data)
        if str(data).count(",") >= MOST_IDS:
            self.fail("too_many")
        if not all(word.isascii() and word.isdigit() and len(word) < 20 for word in words):
            self.fail("no_id")
        numbers = dict.fromkeys(int(word) for word in words)
        return [number for number in numbers if number <= LARGEST_ID]


class NoQuery(Input):
    """The query string of an address that is written to."""

    part = "parameter"


class FieldsQuery(NoQuery):
    """What every address that is read understands."""

    fields = Words(required=False, help_text="Only these fields of each item, joined by commas.")  # type: ignore[assignment]


class PageQuery(FieldsQuery):
    """What every list understands."""

    after = serializers.CharField(required=False, help_text="Where the page begins; part of the links of other pages.")
    before = serializers.CharField(required=False, help_text="Where the page ends; part of the links of other pages.")
