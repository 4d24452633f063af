"""Admin of changes: what those who follow the site are told."""

from django.contrib import admin

from apps.changes.models import Change
from apps.core.admin import ReadOnlyAdmin


@admin.register(Change)
class ChangeAdmin(ReadOnlyAdmin):
    """Changes, in the order of their rows."""

    list_display = ("id", "kind", "key", "transaction", "created_at")
    search_fields = ("id",)
