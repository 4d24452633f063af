"""What operators see of a running site: health, metrics, and what is wrong with how it is set up."""

from django.apps import AppConfig


class ObservabilityConfig(AppConfig):
    """Has no tables."""

    name = "apps.observability"
