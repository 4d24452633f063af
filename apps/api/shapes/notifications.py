"""Shapes of what people are told, and of how they choose it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rest_framework import serializers

from apps.accounts.models import User
from apps.api.shapes.base import Id, Input, Page, Shape
from apps.notifications.lines import Line
from apps.notifications.models import Channel, Digest, Kind


class Notification(Shape):
    """Who did what to which story: `actor` `act` `title`."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Kind.values, help_text="Of their preferences: which one it came by.")
    actor = serializers.CharField(help_text="Empty when the person has been erased.")
    act = serializers.CharField(help_text="In words, such as “replied to you on”.")
    title = serializers.CharField(help_text="Empty when it is about no story, or none that may be seen any more.")
    excerpt = serializers.CharField()
    reason = serializers.CharField(help_text="Why they are told; empty when that is plain.")
    page = serializers.CharField(source="path", help_text="The path of what it is about, for people.")
    created_at = serializers.DateTimeField()
    is_unread = serializers.BooleanField()


class Inbox(Page):
    """A page of what one was told."""

    items = Notification(many=True)


class ReadMark(Input):
    """How far one has read."""

    until = Id(help_text="The id of the newest notification that was seen.")


class Watches(Shape):
    """Whose stories and comments, and which tags, one hears of."""

    people = serializers.ListField(child=serializers.CharField())
    tags = serializers.ListField(child=serializers.CharField())


class Preferences(Shape):
    """How one wants to be told: of each kind on the site, there and by mail, or nowhere; and of the best stories."""

    def get_fields(self) -> dict[str, Any]:
        """One for each kind, and that of digests."""
        return _choices(required=True)


class PreferencesEdit(Input):
    """What is to be another. What is left out stays as it is."""

    def get_fields(self) -> dict[str, Any]:
        """The same, none of them needed."""
        return _choices(required=False)


def shown(lines: Sequence[Line], reader: User) -> list[dict[str, Any]]:
    """What `reader` was told as answers show it. No query."""
    return [asdict(line) | {"is_unread": line.id > reader.read_until} for line in lines]


def _choices(*, required: bool) -> dict[str, Any]:
    kinds: dict[str, tuple[list[str], str]] = {kind.value: (Channel.values, kind.label) for kind in Kind}
    return {
        name: serializers.ChoiceField(choices=values, required=required, help_text=label)
        for name, (values, label) in (kinds | {"digest": (Digest.values, "The best stories by mail")}).items()
    }
