"""Replicas: which database serves a read, so that nobody sees a state older than what they have written.

Settings: `DATABASES` with "default" and one alias for each streaming replica, those aliases in `REPLICAS`,
`DATABASE_ROUTERS = ["apps.replicas.router.Router"]` when there are any, and the two middlewares. Optional:
`REPLICAS_PRIMARY_ONLY`, `REPLICAS_LAG_LIMIT`, `READ_ONLY_VIEW`, `MAINTENANCE_FILE`. Without replicas nothing runs.
"""

from django.apps import AppConfig
from django.conf import settings
from django.core import checks as django_checks
from django.db.backends.signals import connection_created

from apps.replicas import checks, hooks


class ReplicasConfig(AppConfig):
    """Watches connections and checks addresses when there are replicas."""

    name = "apps.replicas"

    def ready(self) -> None:
        """Connect the signal and register the check."""
        if settings.REPLICAS:
            connection_created.connect(hooks.on_connection, dispatch_uid="apps.replicas")
            django_checks.register(checks.check_addresses, django_checks.Tags.database)
