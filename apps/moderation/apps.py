"""Moderation: what moderators do, each with a reason and an entry that stays."""

from django.apps import AppConfig


class ModerationConfig(AppConfig):
    """Removing, locking, banning, and the public log."""

    name = "apps.moderation"
