"""What operators see of a running site: health, metrics, and what is wrong with how it is set up."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created

from apps.observability import statements


class ObservabilityConfig(AppConfig):
    """Has no tables."""

    name = "apps.observability"

    def ready(self) -> None:
        """Watch all queries."""
        connection_created.connect(statements.on_connection, dispatch_uid="apps.observability")
