"""What operators see of a running site: health, metrics, and what is wrong with how it is set up."""

from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created
from django.utils.module_loading import import_string

from apps.observability import statements


class ObservabilityConfig(AppConfig):
    """Has one table, of samples."""

    name = "apps.observability"

    def ready(self) -> None:
        """Watch all queries; where there is a collector of spans, tell it what is done."""
        connection_created.connect(statements.on_connection, dispatch_uid="apps.observability")
        if settings.SPANS_URL:
            import_string("apps.observability.spans.start")()
