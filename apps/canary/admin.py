"""Admin of the canary's number."""

from django.contrib import admin

from apps.canary.models import Song
from apps.core.admin import ReadOnlyAdmin


@admin.register(Song)
class SongAdmin(ReadOnlyAdmin):
    """For the curious: it should rise every few seconds."""
