"""Votes: casting, retracting, and what they add up to."""

from django.apps import AppConfig


class VotesConfig(AppConfig):
    """One vote a person on each story and comment."""

    name = "apps.votes"
