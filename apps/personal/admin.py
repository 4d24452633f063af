"""Admin of exports: who has asked for one, and whether it is there. Nobody gets its file here."""

from django.contrib import admin

from apps.core.admin import ReadOnlyAdmin
from apps.personal.models import Export


@admin.register(Export)
class ExportAdmin(ReadOnlyAdmin):
    """Copies that people have asked for."""

    list_display = ("user", "requested_at", "ready_at", "num_bytes")
    list_select_related = ("user",)
    search_fields = ("user__username__lower",)
