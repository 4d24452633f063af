"""Exports that people have asked for. Not here: what stands in them (contents.py), and their files (archive.py)."""

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import models

KEPT = timedelta(days=7)
# From one export to the next.
PAUSE = timedelta(days=1)


class Export(models.Model):
    """All that the site keeps of `user`, in a file once `ready_at` is set. A person has one at a time."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    requested_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    num_bytes = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"Export {self.pk}"

    @property
    def path(self) -> Path:
        """Where its file is, or will be."""
        return Path(settings.EXPORTS_DIR) / f"{self.pk}.zip"

    @property
    def next_at(self) -> datetime:
        """When its person may ask for another one."""
        return self.requested_at + PAUSE

    @property
    def expires_at(self) -> datetime:
        """When it is deleted."""
        return self.requested_at + KEPT
