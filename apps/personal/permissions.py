"""Who may have which export: only its own person asks for it, so no address names one."""

from datetime import datetime

from apps.accounts.models import User
from apps.core.errors import NotFound
from apps.personal.models import KEPT, Export


def access_export(user: User, now: datetime) -> Export:
    """The person's own export, with its file. Raises NotFound. 1 query."""
    export = Export.objects.filter(user=user, ready_at__isnull=False, requested_at__gt=now - KEPT).first()
    if export is None or not export.path.exists():
        raise NotFound("There is no copy of your data. Ask for one on the page of your data.")
    return export
