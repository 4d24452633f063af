"""Previews: what the page of a story's link says of itself, asked once and kept."""

from django.apps import AppConfig


class PreviewsConfig(AppConfig):
    """Fetching, cleaning, keeping, showing."""

    name = "apps.previews"
