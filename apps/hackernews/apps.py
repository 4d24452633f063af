"""The Hacker News API, read-only, so that readers and libraries made for it work with this site's address."""

from django.apps import AppConfig


class HackerNewsConfig(AppConfig):
    """Has no tables."""

    name = "apps.hackernews"
