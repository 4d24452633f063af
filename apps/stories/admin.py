"""Admin of stories: look and search. Not here: what moderators do with them (moderation/admin.py)."""

from django.contrib import admin

from apps.core.admin import ReadOnlyAdmin
from apps.stories.models import DomainMute, HiddenStory, SavedStory, Story, StoryDelta, StoryTag, StoryText


@admin.register(Story)
class StoryAdmin(ReadOnlyAdmin):
    """Stories with their tallies."""

    list_display = (
        *("id", "title", "community", "author", "domain", "score", "num_comments", "created_at"),
        *("removed_at", "deleted_at", "held_at", "locked_at"),
    )
    list_select_related = ("community", "author")
    search_fields = ("id", "author__username__lower")
    search_help_text = "A whole id or author's name."


@admin.register(StoryText)
class StoryTextAdmin(ReadOnlyAdmin):
    """What was typed, and the HTML it became."""

    list_display = ("story",)
    list_select_related = ("story",)
    search_fields = ("story__id",)


@admin.register(StoryTag)
class StoryTagAdmin(ReadOnlyAdmin):
    """Which story has which tag."""

    list_display = ("story", "tag")
    list_select_related = ("story", "tag")
    search_fields = ("story__id", "tag__name")


@admin.register(SavedStory, HiddenStory)
class KeptStoryAdmin(ReadOnlyAdmin):
    """Who keeps which story for later, or does not want to see it."""

    list_display = ("user", "story", "created_at")
    list_select_related = ("user", "story")
    search_fields = ("story__id", "user__username__lower")


@admin.register(DomainMute)
class DomainMuteAdmin(ReadOnlyAdmin):
    """Who does not want to read from which web site."""

    list_display = ("user", "domain", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__username__lower",)


@admin.register(StoryDelta)
class StoryDeltaAdmin(ReadOnlyAdmin):
    """What waits to be folded: rows older than some seconds mean that no runner serves the queue "fast"."""

    list_display = ("id", "story_id", "ups", "comments", "comment_points")
    search_fields = ("story__id",)
