"""Questions about previews: what to ask, what to show."""

from dataclasses import dataclass
from difflib import SequenceMatcher

from apps.previews.models import Preview
from apps.stories.models import Story

# The share of the shorter of two titles that the other one repeats in one piece, for them to say the same.
SAME = 0.6


@dataclass(frozen=True, slots=True)
class Card:
    """What a story's page shows of its link: texts, "" where there is nothing new to say; the image's address."""

    title: str
    description: str
    site_name: str
    image: str
    width: int
    height: int


def link_of(story_id: int) -> str:
    """The address of the story's link; "" when it has none, or is deleted. 1 query."""
    stories = Story.objects.filter(pk=story_id, deleted_at=None)
    return stories.values_list("url", flat=True).first() or ""


def card_of(story: Story) -> Card | None:
    """The card of the story's link; None when there is nothing to add to the story. 1 query, none without a link."""
    preview = Preview.objects.filter(story=story).first() if story.url and not story.is_gone else None
    if preview is None:
        return None
    title = "" if is_alike(preview.title, story.title) else preview.title
    description = "" if is_alike(preview.description, preview.title or story.title) else preview.description
    if not (title or description or preview.thumbnail):
        return None
    image = preview.thumbnail.url if preview.thumbnail else ""
    return Card(title, description, preview.site_name, image, preview.width, preview.height)


def is_alike(one: str, other: str) -> bool:
    """Whether who has read one of the two need not read the other."""
    one, other = one.casefold(), other.casefold()
    shared = SequenceMatcher(None, one, other, autojunk=False).find_longest_match().size
    return shared >= SAME * min(len(one), len(other))
