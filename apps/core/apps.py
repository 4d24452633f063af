"""Core: what every app may lean on; knows no app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Errors, cursors, text, dates and form helpers."""

    name = "apps.core"
