"""Search: finding stories, comments, people and tags by words."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """The language of searches, the index, the page of results."""

    name = "apps.search"
