"""Shapes of what moderators type, and of a member's flag."""

from django import forms

from apps.moderation.actions.acts import LONGEST_BAN
from apps.moderation.models import NOTE_LENGTH, REASON_LENGTH, Flag


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


class FlagForm(forms.Form):
    """What is wrong with a story or comment."""

    reason = forms.ChoiceField(
        label="What is wrong?",
        choices=Flag.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the reasons."},
    )
    note = forms.CharField(
        required=False,
        max_length=NOTE_LENGTH,
        help_text="Needed with “Something else”. Only moderators read it.",
    )
