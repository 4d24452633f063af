"""Shapes of what people choose about their data."""

from django import forms

TEXTS = [
    ("keep", "Keep what I wrote, without my name"),
    ("erase", "Erase what I wrote too"),
]


class ErasureForm(forms.Form):
    """What becomes of somebody's stories and comments."""

    texts = forms.ChoiceField(choices=TEXTS, widget=forms.RadioSelect, initial="keep")
