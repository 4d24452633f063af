"""Markdown before it is sent."""

from apps.api.endpoints import Endpoint
from apps.api.models import Scope
from apps.api.operations import Answer, MemberCall, operation
from apps.api.shapes import markdown as shapes
from apps.api.shapes.base import Values
from apps.core.text import clean, render_markdown


class Markdown(Endpoint):
    """What Markdown becomes here."""

    @operation(scope=Scope.WRITE, takes=shapes.Typed, gives=shapes.Rendered)
    def post(self, call: MemberCall, given: Values) -> Answer:
        """See how a text will look. Nothing is kept."""
        return Answer({"html": render_markdown(clean(given["text"]))})
