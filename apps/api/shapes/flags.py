"""Shapes of flags: as members send them, and what moderators see of them."""

from rest_framework import serializers

from apps.accounts.models import name_of
from apps.api.shapes.base import Input, Page, Shape, Text
from apps.moderation.models import NOTE_LENGTH, Flag
from apps.moderation.queries import FlaggedItem


class FlagDraft(Input):
    """What is wrong."""

    reason = serializers.ChoiceField(choices=Flag.Reason.values)
    note = Text(
        default="", allow_blank=True, max_length=NOTE_LENGTH, help_text="For the moderators; needed with `other`."
    )


class OwnFlag(Shape):
    """A flag of one's own."""

    story = serializers.IntegerField(allow_null=True)
    comment = serializers.IntegerField(allow_null=True)
    reason = serializers.ChoiceField(choices=Flag.Reason.values)
    note = serializers.CharField()
    created_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True, help_text="When a moderator, or its author, saw to it.")


class OwnFlags(Page):
    """A page of one's own flags."""

    items = OwnFlag(many=True)


class Flagged(Shape):
    """A story or comment with flags that no moderator has seen to yet. Nobody is told who flagged it."""

    story = serializers.IntegerField(help_text="The story, or the one that is commented on.")
    comment = serializers.IntegerField(allow_null=True)
    title = serializers.CharField(help_text="Of the story.")
    community = serializers.CharField()
    author = serializers.CharField(allow_null=True, help_text="Null when the person has been erased.")
    excerpt = serializers.CharField(help_text="The beginning of its text.")
    num_flags = serializers.IntegerField()
    reasons = serializers.DictField(child=serializers.IntegerField(), help_text="How many flags, by reason.")
    notes = serializers.ListField(child=serializers.CharField(), help_text="The first five.")
    since = serializers.DateTimeField(help_text="When it was flagged first.")
    page = serializers.CharField(help_text="The path of its page for people.")


class FlaggedPage(Page):
    """A page of what is flagged."""

    items = Flagged(many=True)


def shown(row: FlaggedItem) -> dict[str, object]:
    """A flagged story or comment as answers show it. No query."""
    names = ("excerpt", "num_flags", "reasons", "notes", "since")
    return {name: getattr(row, name) for name in names} | {
        "story": row.story.pk,
        "comment": row.item.pk if row.kind == "comment" else None,
        "title": row.story.title,
        "community": row.story.community.slug,
        "author": name_of(row.item.author) or None,
        "page": row.item.get_absolute_url(),
    }
