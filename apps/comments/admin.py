"""Admin of comments: look and search. Not here: what moderators do with them (moderation/admin.py)."""

from django.contrib import admin

from apps.comments.models import Comment, CommentDelta, CommentText, Visit
from apps.core.admin import ReadOnlyAdmin


@admin.register(Comment)
class CommentAdmin(ReadOnlyAdmin):
    """Comments with their tallies."""

    list_display = (
        *("id", "story", "author", "depth", "score", "num_replies", "num_descendants", "created_at"),
        *("removed_at", "deleted_at"),
    )
    list_select_related = ("story", "author")
    search_fields = ("id", "author__username__lower")
    search_help_text = "A whole id or author's name."


@admin.register(CommentText)
class CommentTextAdmin(ReadOnlyAdmin):
    """What was typed, and the HTML it became."""

    list_display = ("comment",)
    list_select_related = ("comment",)
    search_fields = ("comment__id",)


@admin.register(Visit)
class VisitAdmin(ReadOnlyAdmin):
    """How far people have read."""

    list_display = ("user", "story", "visited_at")
    list_select_related = ("user", "story")
    search_fields = ("story__id", "user__username__lower")


@admin.register(CommentDelta)
class CommentDeltaAdmin(ReadOnlyAdmin):
    """What waits to be folded."""

    list_display = ("id", "comment_id", "ups", "replies", "descendants")
    search_fields = ("comment__id",)
