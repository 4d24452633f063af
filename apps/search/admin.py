"""Admin of the index: a look at what it holds. To change it, change the rows, or rebuild it."""

from django.contrib import admin

from apps.core.admin import ReadOnlyAdmin
from apps.search.models import Document


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    """Documents, newest first."""

    list_display = ("kind", "target_id", "title", "created_at")
    list_filter = ("kind",)
    search_fields = ("id", "story__id")
    fields = ("kind", "target_id", "story_id", "author_id", "created_at", "title", "body")
    readonly_fields = fields
