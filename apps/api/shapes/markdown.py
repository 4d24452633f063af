"""Shapes of Markdown that is only looked at."""

from rest_framework import serializers

from apps.api.shapes.base import Input, Shape, Text
from apps.api.shapes.stories import MARKDOWN
from apps.stories.models import TEXT_LENGTH


class Typed(Input):
    """A text before it is sent."""

    text = Text(allow_blank=True, max_length=TEXT_LENGTH, help_text=MARKDOWN)


class Rendered(Shape):
    """How it will look."""

    html = serializers.CharField(help_text="Safe HTML.")
