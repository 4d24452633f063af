"""Admin of where imported rows came from: look and search."""

from django.contrib import admin

from apps.core.admin import ReadOnlyAdmin
from apps.importing.models import ImportedItem, ImportedPerson


@admin.register(ImportedItem)
class ImportedItemAdmin(ReadOnlyAdmin):
    """Which item became which story or comment."""

    list_display = ("source", "source_id", "story", "comment")
    list_select_related = ("story", "comment")
    search_fields = ("story__id", "comment__id")


@admin.register(ImportedPerson)
class ImportedPersonAdmin(ReadOnlyAdmin):
    """Which name became which person."""

    list_display = ("source", "name", "user")
    list_select_related = ("user",)
    search_fields = ("user__username__lower",)
