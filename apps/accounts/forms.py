"""Shapes of what people type about themselves."""

from django import forms

from apps.accounts.models import ABOUT_LENGTH


class ProfileForm(forms.Form):
    """The text of a profile."""

    about = forms.CharField(
        required=False,
        max_length=ABOUT_LENGTH,
        label="About you",
        help_text="Shown on your profile. Markdown.",
        widget=forms.Textarea(attrs={"rows": 6}),
    )
