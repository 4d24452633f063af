"""Shape of people's choices about what they are told."""

from typing import Any

from django import forms

from apps.notifications.models import Channel, Digest, Kind, Preferences


class PreferencesForm(forms.Form):
    """A choice for each kind, and one of digests."""

    digest = forms.ChoiceField(
        label="Digest of the best stories",
        choices=Digest.choices,
        widget=forms.RadioSelect,
        help_text="By mail: of the tags you watch, or of all if you watch none.",
    )

    def __init__(self, data: Any, preferences: Preferences) -> None:
        names = [*Kind.values, "digest"]
        super().__init__(data, initial={name: getattr(preferences, name) for name in names})
        for kind in Kind:
            choice = forms.ChoiceField(label=kind.label, choices=Channel.choices, widget=forms.RadioSelect)
            self.fields[kind.value] = choice
        self.order_fields(names)
