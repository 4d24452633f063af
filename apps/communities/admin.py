"""Admin of communities, their moderators, and the vocabulary. A name that stands in addresses stays as it is."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from apps.communities import actions
from apps.communities.models import Community, Membership, Tag, TagCategory, TagMute
from apps.core.admin import LargeAdmin, ReadOnlyAdmin


class KeyedAdmin(LargeAdmin):
    """For rows whose `key` is chosen once."""

    key = "name"

    def get_readonly_fields(self, request: HttpRequest, obj: object = None) -> tuple[str, ...]:
        """The key of a row that exists."""
        return (self.key,) if obj else ()


@admin.register(Community)
class CommunityAdmin(KeyedAdmin):
    """Set up communities, change their names, summaries and rules."""

    key = "slug"
    list_display = ("slug", "name", "num_members", "created_at")
    search_fields = ("slug",)
    fields = ("slug", "name", "summary", "rules")

    def save_model(self, request: HttpRequest, obj: Community, form: Any, change: bool) -> None:
        """Define the community."""
        obj.pk = actions.define_community(
            slug=obj.slug, name=obj.name, summary=obj.summary, rules=obj.rules, now=timezone.now()
        ).pk


@admin.register(Membership)
class MembershipAdmin(LargeAdmin):
    """Make members, appoint and dismiss moderators."""

    list_display = ("user", "community", "is_moderator", "joined_at")
    list_select_related = ("user", "community")
    search_fields = ("user__username__lower", "community__slug")
    raw_id_fields = ("user", "community")
    fields = ("user", "community", "is_moderator")

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        """A membership that exists stays this person's, in this community."""
        return ("user", "community") if obj else ()

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        """Join, appoint or dismiss."""
        if change and not obj.is_moderator:
            actions.dismiss_moderator(person=obj.user, community=obj.community)
            return
        membership = actions.join_community(by=obj.user, community=obj.community, now=timezone.now())
        if obj.is_moderator:
            actions.appoint_moderator(person=obj.user, community=obj.community, now=timezone.now())
        obj.pk = membership.pk


@admin.register(TagCategory)
class TagCategoryAdmin(KeyedAdmin):
    """The headings of the vocabulary and their order."""

    list_display = ("name", "position")
    search_fields = ("name",)

    def save_model(self, request: HttpRequest, obj: TagCategory, form: Any, change: bool) -> None:
        """Define the heading."""
        obj.pk = actions.define_category(name=obj.name, position=obj.position).pk


@admin.register(Tag)
class TagAdmin(KeyedAdmin):
    """The vocabulary."""

    list_display = ("name", "category", "hotness_mod", "is_active")
    list_select_related = ("category",)
    list_filter = ("category", "is_active")
    search_fields = ("name",)

    def save_model(self, request: HttpRequest, obj: Tag, form: Any, change: bool) -> None:
        """Define the tag; its stories are ranked anew with their next vote, or all at once by a recount."""
        obj.pk = actions.define_tag(
            category=obj.category.name,
            position=obj.category.position,
            name=obj.name,
            summary=obj.summary,
            hotness_mod=obj.hotness_mod,
            is_active=obj.is_active,
        ).pk
        if change and "hotness_mod" in form.changed_data:
            self.message_user(request, "To rank its stories anew at once, run: manage.py recount --repair")


@admin.register(TagMute)
class TagMuteAdmin(ReadOnlyAdmin):
    """Who does not want to read about what."""

    list_display = ("user", "tag", "created_at")
    list_select_related = ("user", "tag")
    search_fields = ("user__username__lower", "tag__name")
