"""Shapes of communities and of the vocabulary."""

from rest_framework import serializers

from apps.api.shapes.base import List, Shape


class Community(Shape):
    """A community in the list of all."""

    slug = serializers.CharField()
    name = serializers.CharField()
    summary = serializers.CharField()
    num_members = serializers.IntegerField()


class Communities(List):
    """All communities by name."""

    items = Community(many=True)


class CommunityDetail(Community):
    """One community with its rules."""

    rules_html = serializers.CharField()
    moderators = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()


class Tag(Shape):
    """A word of the vocabulary."""

    name = serializers.CharField()
    category = serializers.CharField()
    summary = serializers.CharField()
    hotness_mod = serializers.FloatField(help_text="What it adds to the hotness of its stories, in units of 22 hours.")
    is_active = serializers.BooleanField(help_text="Inactive tags stay on old stories only.")


class Tags(List):
    """The vocabulary, in its order."""

    items = Tag(many=True)
