"""Admin of votes: look and search."""

from django.contrib import admin

from apps.core.admin import ReadOnlyAdmin
from apps.votes.models import CommentVote, StoryVote


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
