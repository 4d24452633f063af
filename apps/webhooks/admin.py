"""Admin of webhooks: setting endpoints up, reading what they were sent, sending it again."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.models import User
from apps.core.admin import LargeAdmin, ReadOnlyAdmin
from apps.webhooks import actions
from apps.webhooks.models import Delivery, Endpoint, Event


class EndpointForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for the type checker only
    """Events as boxes to check."""

    events = forms.MultipleChoiceField(choices=Event.choices, widget=forms.CheckboxSelectMultiple)


@admin.register(Endpoint)
class EndpointAdmin(LargeAdmin):
    """Who is told what. To drop an endpoint, make it inactive."""

    form = EndpointForm
    list_display = ("name", "url", "community", "is_active", "failing_since")
    list_select_related = ("community",)
    search_fields = ("name",)
    raw_id_fields = ("community",)
    fields = ("name", "url", "community", "events", "is_active", "secret", "failing_since", "rests_until", "created_by")
    readonly_fields = ("secret", "failing_since", "rests_until", "created_by")

    def save_model(self, request: HttpRequest, obj: Endpoint, form: Any, change: bool) -> None:
        """Set up, or change; one that was switched off and is made active starts anew."""
        actions.define_endpoint(endpoint=obj, by=cast("User", request.user), now=timezone.now())


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """What was sent, and what came of it."""

    list_display = ("key", "endpoint", "event", "attempts", "status", "error", "created_at", "delivered_at")
    list_select_related = ("endpoint",)
    list_filter = ("endpoint", "event")
    search_fields = ("id",)
    actions = ("replay",)

    @admin.action(description="Send again", permissions=["operate"])
    def replay(self, request: HttpRequest, deliveries: QuerySet[Delivery]) -> None:
        """Send the chosen messages once more."""
        number = actions.replay(deliveries=deliveries)
        text = f"Messages that will be sent again: {number}."
        if left := deliveries.count() - number:
            text += f" Not sent, since their endpoints are switched off: {left}."
        self.message_user(request, text)

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Only for administrators."""
        return request.user.is_superuser
