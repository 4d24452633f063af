"""Feeds: every list as RSS, Atom and JSON Feed, for readers that come by themselves."""

from django.apps import AppConfig


class FeedsConfig(AppConfig):
    """Has no tables."""

    name = "apps.feeds"
