"""Votes: casting, retracting, and what they add up to."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class VotesConfig(AppConfig):
    """One vote a person on each story and comment."""

    name = "apps.votes"

    def ready(self) -> None:
        """Register what other apps count."""
        autodiscover_modules("counters")
