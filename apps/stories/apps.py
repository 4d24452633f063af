"""Stories: links and texts that people submit, and the lists of them."""

from django.apps import AppConfig


class StoriesConfig(AppConfig):
    """Submitting, editing, listing, saving, hiding."""

    name = "apps.stories"
