"""Shapes of the moderation log: an act is an entry of it."""

from typing import Any

from rest_framework import serializers

from apps.accounts.models import name_of
from apps.api.shapes.base import Id, Input, Page, Shape, Text, Whole
from apps.moderation.actions.acts import LONGEST_BAN
from apps.moderation.models import REASON_LENGTH, LogEntry


class Entry(Shape):
    """One act of a moderator: who, what, on whom, why."""

    id = serializers.IntegerField()
    act = serializers.ChoiceField(choices=LogEntry.Act.values)
    moderator = serializers.CharField(allow_null=True)
    reason = serializers.CharField()
    community = serializers.CharField(allow_null=True)
    story = serializers.IntegerField(allow_null=True)
    comment = serializers.IntegerField(allow_null=True)
    person = serializers.CharField(allow_null=True, help_text="Who was banned, or is no longer.")
    until = serializers.DateTimeField(allow_null=True, help_text="The end of a ban.")
    created_at = serializers.DateTimeField()


class Log(Page):
    """A page of the log."""

    items = Entry(many=True)


class Act(Input):
    """An act: with `story`, `comment` or `person`, as its name says; a ban also with `days`."""

    act = serializers.ChoiceField(choices=LogEntry.Act.values)
    reason = Text(max_length=REASON_LENGTH, help_text="Stands in the public log, for everybody to read.")
    story = Id(required=False)
    comment = Id(required=False)
    person = Text(required=False)
    days = Whole(required=False, min_value=1, max_value=LONGEST_BAN.days)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """An act names what it is about, and nothing else. Raises ValidationError."""
        target = attrs["act"].rpartition("-")[2]
        needed = {target, "days"} if attrs["act"] == LogEntry.Act.BAN_PERSON else {target}
        wrong = {name: ["This act needs it."] for name in sorted(needed - attrs.keys())}
        wrong |= {name: ["This act takes none."] for name in sorted(attrs.keys() - needed - {"act", "reason"})}
        if wrong:
            raise serializers.ValidationError(wrong)
        return attrs


def shown(entry: LogEntry) -> dict[str, object]:
    """An entry with its people and targets loaded, as answers show it. No query."""
    return {
        "id": entry.pk,
        "act": entry.act,
        "moderator": name_of(entry.moderator) or None,
        "reason": entry.reason,
        "community": entry.community.slug if entry.community else None,
        "story": entry.story_id,
        "comment": entry.comment_id,
        # Not who wrote what is gone.
        "person": None if entry.story_id else name_of(entry.person) or None,
        "until": entry.until,
        "created_at": entry.created_at,
    }
