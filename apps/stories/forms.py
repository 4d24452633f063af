"""Shapes of a story as people type it."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django import forms

from apps.communities.models import Community, Tag
from apps.stories.models import MAX_TAGS, TEXT_LENGTH, TITLE_LENGTH, URL_LENGTH


class TagsByCategory(forms.models.ModelChoiceIterator):  # type: ignore[type-arg]  # generic for the type checker only
    """The choices in groups: a category's name and its tags."""

    def __iter__(self) -> Iterator[Any]:
        """Pairs of a heading and its choices. 1 query."""
        for name, tags in groupby(self.queryset, key=lambda tag: str(tag.category)):
            yield name, [self.choice(tag) for tag in tags]


class TagChoices(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # generic for the type checker only
    """Tags by name, under the headings of their categories."""

    iterator = TagsByCategory

    def label_from_instance(self, obj: Tag) -> str:
        """The bare name."""
        return obj.name


class EditForm(forms.Form):
    """What can still be changed after submitting."""

    title = forms.CharField(max_length=TITLE_LENGTH, help_text="The page's own title, without shouting.")
    text = forms.CharField(
        required=False,
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Optional with a link. Markdown.",
    )
    tags = TagChoices(
        queryset=Tag.objects.filter(is_active=True)
        .select_related("category")
        .order_by("category__position", "category__name", "name"),
        to_field_name="name",
        widget=forms.CheckboxSelectMultiple,
        help_text=f"One to {MAX_TAGS}.",
        error_messages={"required": f"Choose one to {MAX_TAGS} tags."},
    )
    is_own_work = forms.BooleanField(required=False, label="I made this")

    def clean_tags(self) -> tuple[str, ...]:
        """The chosen names."""
        names = tuple(tag.name for tag in self.cleaned_data["tags"])
        if len(names) > MAX_TAGS:
            raise forms.ValidationError(f"Choose at most {MAX_TAGS} tags.")
        return names


class SubmitForm(EditForm):
    """A new story."""

    url = forms.CharField(
        required=False,
        max_length=URL_LENGTH,
        label="Link",
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text="Leave empty to ask a question or start a discussion.",
    )
    community = forms.ModelChoiceField(
        queryset=Community.objects.order_by("name"), to_field_name="slug", empty_label=None
    )

    field_order = ["url", "title", "text", "tags", "community", "is_own_work"]
