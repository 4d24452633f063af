"""Live updates: an open page hears what has happened since it was made. Knows no noun."""

from django.apps import AppConfig


class LiveConfig(AppConfig):
    """Has no tables."""

    name = "apps.live"
