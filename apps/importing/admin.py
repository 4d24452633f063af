"""Admin of where imported rows came from: look and search; and of previews of imports."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from apps.core.admin import LargeAdmin, ReadOnlyAdmin
from apps.importing import previewing
from apps.importing.actions import request_preview
from apps.importing.models import ImportedItem, ImportedPerson, ImportPreview


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


@admin.register(ImportPreview)
class ImportPreviewAdmin(LargeAdmin):
    """Administrators choose a file in the folder for imports; a job looks into it and writes the report."""

    list_display = ("file", "requested_at", "is_ready")
    fields = ("file", "requested_at", "report")

    @admin.display(boolean=True, description="ready")
    def is_ready(self, preview: ImportPreview) -> bool:
        """Whether the job has looked."""
        return bool(preview.report)

    def get_fields(self, request: HttpRequest, obj: ImportPreview | None = None) -> tuple[str, ...]:
        """To begin with, only the file."""
        return self.fields if obj else ("file",)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **options: Any) -> Any:
        """A choice of what is there."""
        if db_field.name == "file":
            names = previewing.file_names()
            return forms.ChoiceField(choices=[(name, name) for name in names], help_text="From var/imports.")
        return super().formfield_for_dbfield(db_field, request, **options)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only for administrators."""
        return request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: ImportPreview | None = None) -> bool:
        """Never: another look is another preview."""
        return False

    def save_model(self, request: HttpRequest, obj: ImportPreview, form: Any, change: bool) -> None:
        """Ask for it."""
        obj.pk = request_preview(file=obj.file, now=timezone.now()).pk
