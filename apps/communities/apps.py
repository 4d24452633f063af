"""Places and words: communities with their rules and moderators, and the vocabulary of tags."""

from django.apps import AppConfig


class CommunitiesConfig(AppConfig):
    """Communities, memberships, tags, mutes of tags."""

    name = "apps.communities"
