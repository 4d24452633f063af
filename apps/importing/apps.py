"""Importing: a community's history from the form in which it can be had."""

from django.apps import AppConfig


class ImportingConfig(AppConfig):
    """Reads item files; grows test communities."""

    name = "apps.importing"
