"""Shapes of what moderators type."""

from django import forms

from apps.moderation.actions import LONGEST_BAN
from apps.moderation.models import REASON_LENGTH


class ReasonForm(forms.Form):
    """The reason of an act."""

    reason = forms.CharField(
        max_length=REASON_LENGTH,
        help_text="Stands in the public log, for everybody to read.",
        error_messages={"required": "Give a reason: it stands in the public log."},
    )


class BanForm(ReasonForm):
    """The reason of a ban and how long it lasts."""

    days = forms.IntegerField(min_value=1, max_value=LONGEST_BAN.days, initial=7, label="For how many days")
