"""The API: what programs may read and do, by the same queries and actions as people in a browser."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Addresses below /api/, the tokens that open them, and what other people's apps may do."""

    name = "apps.api"
    verbose_name = "API"
