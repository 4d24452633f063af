"""Shapes of what a search finds."""

from rest_framework import serializers

from apps.api.shapes.base import Page, PageQuery, Shape
from apps.api.shapes.comments import Comment
from apps.api.shapes.people import PersonRow
from apps.api.shapes.stories import Story
from apps.search.documents import KINDS
from apps.search.queries import ORDERS


class Result(Shape):
    """What was found: of the last four, the one that `kind` names; the others are null."""

    kind = serializers.ChoiceField(choices=list(KINDS))
    title_html = serializers.CharField(help_text="Safe HTML, with what was searched for in `<mark>`.")
    text_html = serializers.CharField(help_text="The parts of the text that fit, in the same form.")
    story = Story(allow_null=True)
    comment = Comment(allow_null=True)
    person = PersonRow(allow_null=True)
    tag = serializers.CharField(allow_null=True, help_text="Its name.")


class Results(Page):
    """A page of results."""

    items = Result(many=True)
    total = serializers.IntegerField(help_text="How many there are on all pages.")
    since = serializers.DateTimeField(
        allow_null=True, help_text="Nothing older was looked at, as enough was found; null when all was."
    )


class SearchQuery(PageQuery):
    """What to search for, and in which order."""

    q = serializers.CharField(help_text="Words and operators, as on the site's page for searching.")
    order = serializers.ChoiceField(
        choices=list(ORDERS), required=False, help_text="Without it, the one that suits the search."
    )
