"""Shapes of people, and of what is one's own."""

from rest_framework import serializers

from apps.accounts.models import ABOUT_LENGTH
from apps.api.shapes.base import Input, List, Page, PageQuery, Shape, Text
from apps.api.shapes.stories import MARKDOWN


class PersonRow(Shape):
    """A person in a list."""

    username = serializers.CharField()
    karma = serializers.IntegerField()
    joined_at = serializers.DateTimeField()


class People(List):
    """People by karma, the first hundred."""

    items = PersonRow(many=True)


class Person(PersonRow):
    """One person."""

    about_html = serializers.CharField(help_text="What they say of themselves, as safe HTML.")
    is_moderator = serializers.BooleanField(help_text="Of the whole site.")
    banned_until = serializers.DateTimeField(allow_null=True)


class Me(Person):
    """Whoever asks."""

    about = serializers.CharField(help_text=MARKDOWN)
    unread = serializers.IntegerField(help_text="Notifications that they have not read.")
    scopes = serializers.ListField(child=serializers.CharField(), help_text="What this token is good for.")
    communities = serializers.ListField(child=serializers.CharField(), help_text="Those that they have joined.")


class Profile(Input):
    """What people may say of themselves."""

    about = Text(allow_blank=True, max_length=ABOUT_LENGTH, help_text=MARKDOWN)


class Mutes(Shape):
    """Whom and what somebody does not want to read."""

    people = serializers.ListField(child=serializers.CharField())
    tags = serializers.ListField(child=serializers.CharField())
    domains = serializers.ListField(child=serializers.CharField())


class Vote(Shape):
    """A vote of one's own."""

    story = serializers.IntegerField(allow_null=True)
    comment = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()


class Votes(Page):
    """A page of one's own votes."""

    items = Vote(many=True)


class VotesQuery(PageQuery):
    """Which of one's votes."""

    on = serializers.ChoiceField(choices=["story", "comment"], default="story")
