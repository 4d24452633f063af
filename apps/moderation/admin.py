"""Admin of the log and of flags, and moderators' acts on the lists of stories, comments and people."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.admin import UserAdmin
from apps.accounts.models import User
from apps.comments.admin import CommentAdmin
from apps.comments.models import Comment
from apps.core.admin import LargeAdmin, ReadOnlyAdmin
from apps.core.errors import DomainError
from apps.moderation.actions import acts
from apps.moderation.models import Flag, LogEntry
from apps.stories.admin import StoryAdmin
from apps.stories.models import Story

AdminAction = Callable[[LargeAdmin, HttpRequest, QuerySet[Any]], None]


class ReasonForm(ActionForm):
    """What stands beside the list of acts."""

    reason = forms.CharField(required=False, help_text="Stands in the public log.")


class BanForm(ReasonForm):
    """The same, for bans."""

    days = forms.IntegerField(required=False, initial=7)


def admin_action(label: str, target: str, act: Callable[..., LogEntry], *, has_days: bool = False) -> AdminAction:
    """An entry of a list's menu that does `act` to each chosen row and says what came of it."""

    @admin.action(description=label, permissions=["view"])
    def chosen(model_admin: LargeAdmin, request: HttpRequest, rows: QuerySet[Any]) -> None:
        typed: dict[str, Any] = {"reason": request.POST.get("reason", "")}
        if has_days:
            days = request.POST.get("days", "")
            typed["days"] = int(days) if days.isdecimal() else 0
        for row in rows:
            try:
                entry = act(by=request.user, now=timezone.now(), **{target: row}, **typed)
                model_admin.message_user(request, f"{entry}: {row}")
            except DomainError as error:
                model_admin.message_user(request, f"{row}: {error.detail}", messages.ERROR)

    chosen.__name__ = act.__name__
    return chosen


for model in (Story, Comment, User):
    admin.site.unregister(model)


@admin.register(Story)
class ModeratedStoryAdmin(StoryAdmin):
    """Stories, and what moderators do with them."""

    action_form = ReasonForm
    actions = (
        admin_action("Remove", "story", acts.remove_story),
        admin_action("Restore", "story", acts.restore_story),
        admin_action("Lock the thread", "story", acts.lock_thread),
        admin_action("Unlock the thread", "story", acts.unlock_thread),
    )


@admin.register(Comment)
class ModeratedCommentAdmin(CommentAdmin):
    """Comments, and what moderators do with them."""

    action_form = ReasonForm
    actions = (
        admin_action("Remove", "comment", acts.remove_comment),
        admin_action("Restore", "comment", acts.restore_comment),
    )


@admin.register(User)
class ModeratedUserAdmin(UserAdmin):
    """People, and what moderators do about them."""

    action_form = BanForm
    actions = (
        admin_action("Ban", "person", acts.ban_person, has_days=True),
        admin_action("Lift the ban", "person", acts.unban_person),
    )


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """What moderators did."""

    list_display = ("created_at", "moderator", "act", "story", "comment", "person", "reason")
    list_select_related = ("moderator", "story", "comment", "person")
    list_filter = ("act",)
    search_fields = ("story__id", "comment__id", "person__username__lower")


@admin.register(Flag)
class FlagAdmin(ReadOnlyAdmin):
    """Who flagged what, and why."""

    list_display = ("user", "story", "comment", "reason", "note", "created_at", "settled_at", "settled_by")
    list_select_related = ("user", "story", "comment", "settled_by")
    list_filter = ("reason",)
    search_fields = ("story__id", "comment__id", "user__username__lower")
