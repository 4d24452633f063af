"""Shapes of what people type about their tokens and apps."""

from datetime import timedelta

from django import forms

from apps.api.models import NAME_LENGTH, Scope

LIFETIMES = {"30": "30 days", "90": "90 days", "365": "A year", "": "For ever"}


class TokenForm(forms.Form):
    """A new token."""

    name = forms.CharField(max_length=NAME_LENGTH, help_text="What it is for, so that you know it later.")
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=Scope.choices,
        initial=[Scope.READ],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose what the token may be used for."},
    )
    days = forms.ChoiceField(label="It works for", choices=list(LIFETIMES.items()), initial="90", required=False)

    def clean_days(self) -> timedelta | None:
        """The span; None without an end."""
        days = self.cleaned_data["days"]
        return timedelta(days=int(days)) if days else None


class AppForm(forms.Form):
    """A new app."""

    name = forms.CharField(max_length=NAME_LENGTH, help_text="People see it when they are asked to let the app in.")
    addresses = forms.CharField(
        label="Redirect addresses",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
        help_text="Where people are sent back to, one address a line: https, or http on their own machine.",
    )
