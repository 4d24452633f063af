"""Admin of votes: look and search; and the operators' page of recounts."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from apps.core.admin import ReadOnlyAdmin
from apps.votes import actions
from apps.votes.models import CommentVote, Recount, StoryVote
from apps.votes.queries import latest_recounts


@admin.register(StoryVote)
class StoryVoteAdmin(ReadOnlyAdmin):
    """Who voted for which story."""

    list_display = ("user", "story", "created_at")
    list_select_related = ("user", "story")
    search_fields = ("story__id", "user__username__lower")


@admin.register(CommentVote)
class CommentVoteAdmin(ReadOnlyAdmin):
    """Who voted for which comment."""

    list_display = ("user", "comment", "created_at")
    list_select_related = ("user", "comment")
    search_fields = ("comment__id", "user__username__lower")


@admin.register(Recount)
class RecountAdmin(ReadOnlyAdmin):
    """What each recount has found; the operators' page shows the last ones."""

    list_display = ("started_at", "finished_at", "num_rows", "drift")
    search_fields = ("id",)


@require_http_methods(["GET", "HEAD", "POST"])
def recounts(request: HttpRequest) -> HttpResponse:
    """What the last recounts have found; a POST begins another."""
    if not request.user.is_superuser:
        raise PermissionDenied
    if request.method == "POST":
        actions.begin_recount(now=timezone.now())
        messages.success(request, "A recount is under way.")
        return redirect("recounts")
    context = admin.site.each_context(request) | {"title": "Recounts", "runs": latest_recounts()}
    return TemplateResponse(request, "admin/votes/recounts.html", context)
