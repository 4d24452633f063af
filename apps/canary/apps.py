"""A canary: writes one number, and looks when its writer and when others see it, by the doors that people use."""

from django.apps import AppConfig


class CanaryConfig(AppConfig):
    """Sings only where Prometheus listens."""

    name = "apps.canary"
