"""Admin of previews: what pages said or why not; asking again, or dropping it."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.accounts.permissions import is_moderator
from apps.core.admin import ReadOnlyAdmin
from apps.previews import actions
from apps.previews.models import Preview


@admin.register(Preview)
class PreviewAdmin(ReadOnlyAdmin):
    """Everybody on the staff may look; moderators of the site and administrators act."""

    list_display = ("story", "title", "site_name", "thumbnail", "error", "fetched_at")
    list_select_related = ("story",)
    list_filter = ("error",)
    search_fields = ("story__id",)
    search_help_text = "A story's whole id."
    actions = ("fetch", "drop")

    @admin.action(description="Fetch again", permissions=["operate"])
    def fetch(self, request: HttpRequest, previews: QuerySet[Preview]) -> None:
        """Ask the pages once more."""
        actions.order_fetches(previews=previews)
        self.message_user(request, f"Pages that will be asked again: {previews.count()}.")

    @admin.action(description="Drop", permissions=["operate"])
    def drop(self, request: HttpRequest, previews: QuerySet[Preview]) -> None:
        """Take them from their stories."""
        actions.order_drops(previews=previews)
        self.message_user(request, f"Previews that will be dropped: {previews.count()}.")

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Moderators of the site, and administrators."""
        return is_moderator(request.user)
