"""Shapes of what people type about themselves."""

from typing import Any

from allauth.account.forms import LoginForm as AnyLoginForm
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


class LoginForm(AnyLoginForm):  # type: ignore[misc]  # allauth ships no types
    """A name or an address, and a password. Who logs in stays so, unless they say that others use the device too."""

    remember = forms.BooleanField(required=False, initial=True, label="Stay logged in on this device")

    def user_credentials(self) -> dict[str, Any]:
        """What is compared; an address not as a name too, which takes twice as long if somebody has that address."""
        credentials: dict[str, Any] = super().user_credentials()
        if "email" in credentials:
            credentials.pop("username", None)
        return credentials
