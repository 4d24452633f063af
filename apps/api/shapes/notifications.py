"""Shapes of what people are told, and of how they choose it."""

from rest_framework import serializers

from apps.api.shapes.base import Id, Input, Page, Shape
from apps.notifications.models import Kind


class Notification(Shape):
    """Who did what to which story: `actor` `act` `title`."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Kind.values)
    actor = serializers.CharField(help_text="Empty when the person has been erased.")
    act = serializers.CharField()
    title = serializers.CharField(help_text="Empty when it is about no story, or none that may be seen any more.")
    excerpt = serializers.CharField()
    reason = serializers.CharField(help_text="Why they are told; empty when that is plain.")
    page = serializers.CharField(source="path", help_text="The path of what it is about, for people.")
    created_at = serializers.DateTimeField()


class Inbox(Page):
    """A page of what one was told."""

    items = Notification(many=True)


class ReadMark(Input):
    """How far one has read."""

    until = Id(help_text="The id of the newest notification that was seen.")
