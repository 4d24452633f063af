"""Shape of a comment as people type it."""

from django import forms

from apps.comments.models import TEXT_LENGTH


class CommentForm(forms.Form):
    """The text of a comment."""

    text = forms.CharField(
        label="Your comment",
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Markdown.",
        error_messages={"required": "Write something first."},
    )
