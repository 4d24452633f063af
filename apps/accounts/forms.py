"""Shapes of what people type about themselves."""

from allauth.account import forms as allauth_forms
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


class LogInForm(allauth_forms.LoginForm):  # type: ignore[misc]  # allauth ships no types
    """Who logs in stays so, unless they say that others use the device too."""

    remember = forms.BooleanField(required=False, initial=True, label="Stay logged in on this device")
