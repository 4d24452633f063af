"""Shapes of what has changed."""

from rest_framework import serializers

from apps.api.shapes.base import FieldsQuery, List, Shape


class Change(Shape):
    """Something that was made, changed, taken away or brought back. Fetch it to see what it is now."""

    kind = serializers.ChoiceField(choices=["story", "comment"])
    id = serializers.IntegerField()


class Updates(List):
    """What has changed, each thing once, in the order in which it became certain."""

    items = Change(many=True)
    next = serializers.CharField(help_text="Where to ask for what comes after.")
    has_more = serializers.BooleanField(help_text="Whether there is more already.")


class UpdatesQuery(FieldsQuery):
    """Since when."""

    since = serializers.CharField(required=False, help_text="Part of `next`; without it, from now on.")
