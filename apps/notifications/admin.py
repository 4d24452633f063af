"""Admin of notifications: who was told of what, and who wants to be."""

from django.contrib import admin

from apps.core.admin import ReadOnlyAdmin
from apps.notifications.models import Notification, PersonWatch, Preferences, StoryWatch, TagWatch


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """What people were told, on the site and by mail."""

    list_display = ("id", "recipient", "kind", "story", "comment", "entry", "created_at", "mailed_at")
    list_select_related = ("recipient", "story", "comment", "entry__moderator")
    search_fields = ("id", "recipient__username__lower")
    search_help_text = "A whole id or name."


@admin.register(Preferences)
class PreferencesAdmin(ReadOnlyAdmin):
    """How people want to be told; those without a row have the defaults."""

    list_display = ("user", "moderation", "reply", "mention", "story", "person", "tag", "digest", "bounced_at")
    list_select_related = ("user",)
    search_fields = ("user__username__lower",)


@admin.register(StoryWatch)
class StoryWatchAdmin(ReadOnlyAdmin):
    """Who wants to hear of all comments on a story, or of none."""

    list_display = ("user", "story", "is_mute", "created_at")
    list_select_related = ("user", "story")
    search_fields = ("story__id", "user__username__lower")


@admin.register(TagWatch)
class TagWatchAdmin(ReadOnlyAdmin):
    """Who wants to hear of stories with a tag."""

    list_display = ("user", "tag", "created_at")
    list_select_related = ("user", "tag")
    search_fields = ("user__username__lower", "tag__name")


@admin.register(PersonWatch)
class PersonWatchAdmin(ReadOnlyAdmin):
    """Who wants to hear of what somebody writes."""

    list_display = ("user", "person", "created_at")
    list_select_related = ("user", "person")
    search_fields = ("user__username__lower", "person__username__lower")
