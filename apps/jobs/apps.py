"""Jobs: work that is done later, and never lost, since it is written down together with what caused it."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    """Finds every app's tasks.py at the start."""

    name = "apps.jobs"

    def ready(self) -> None:
        """Register all handlers."""
        autodiscover_modules("tasks")
