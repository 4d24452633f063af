"""Admin of people: look, search, give and take rights."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.accounts import actions
from apps.accounts.models import PersonMute, User
from apps.core.admin import LargeAdmin, ReadOnlyAdmin
from apps.core.text import clean_line

LAST_LETTER = "\U0010ffff"


@admin.register(User)
class UserAdmin(LargeAdmin):
    """People by name or address. Rights are given by administrators only; nobody changes their own."""

    RIGHTS = ("is_moderator", "is_staff", "is_active")
    GIVEN = (*RIGHTS, "groups")

    list_display = ("username", "karma", *RIGHTS, "banned_until", "date_joined")
    list_filter = RIGHTS
    search_fields = ("id", "emailaddress__email")
    search_help_text = "The beginning of a name, or a whole e-mail address or id."
    fields = ("username", "email", "about", "karma", *GIVEN, "is_superuser", "banned_until", "date_joined")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Names that begin so (a range, which every index of text can answer), else a whole address or id."""
        term = clean_line(search_term).lower()
        named = queryset.filter(username__lower__gte=term, username__lower__lt=term + LAST_LETTER)
        if term and named.exists():
            return named, False
        return super().get_search_results(request, queryset, search_term)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """All but the rights; on one's own page those too."""
        return tuple(name for name in self.fields if name not in self.GIVEN or obj == request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never: people sign up."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Only for administrators."""
        return request.user.is_superuser

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Give and take rights."""
        actions.set_rights(person=obj, is_moderator=obj.is_moderator, is_staff=obj.is_staff, is_active=obj.is_active)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Put into groups, unless it is one's own page."""
        if "groups" in form.cleaned_data:
            actions.set_groups(person=form.instance, groups=form.cleaned_data["groups"])


@admin.register(PersonMute)
class PersonMuteAdmin(ReadOnlyAdmin):
    """Who does not want to read whom."""

    list_display = ("user", "person", "created_at")
    list_select_related = ("user", "person")
    search_fields = ("user__username__lower", "person__username__lower")


admin.site.unregister([EmailAddress, Group])


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin):
    """What staff may do. Only administrators say so: whoever is in a group could let it do anything."""

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Only for administrators."""
        return request.user.is_superuser

    has_add_permission = has_delete_permission = has_change_permission


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnlyAdmin):
    """Which addresses people have shown to be theirs."""

    list_display = ("email", "user", "primary", "verified")
    list_select_related = ("user",)
    search_fields = ("email", "user__username__lower")
