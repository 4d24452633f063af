"""One story: its text, its tags, why it stands where it stands, and whether there is another one like it."""

from datetime import datetime, timedelta

from apps.stories.models import Story, StoryQuerySet, StoryTag, StoryText
from apps.stories.ranking import Rank, rank_of

DUPLICATE_WINDOW = timedelta(days=30)
MOST_ABOUT = 100


def text_of(story: Story) -> StoryText:
    """What was typed and its HTML; empty when the story is only a link. 1 query."""
    return StoryText.objects.filter(story=story).first() or StoryText(story=story)


def tag_names(story: Story) -> tuple[str, ...]:
    """The story's tags by name. 1 query."""
    return tuple(StoryTag.objects.filter(story=story).order_by("tag__name").values_list("tag__name", flat=True))


def tag_modifiers(story: Story) -> dict[str, float]:
    """The rank modifiers of the story's tags by name, in units of 22 hours. 1 query."""
    return dict(StoryTag.objects.filter(story=story).order_by("tag__name").values_list("tag__name", "tag__hotness_mod"))


def rank_parts(story: Story) -> tuple[Rank, dict[str, float]]:
    """Why the story stands where it stands: its rank and its tags' modifiers. 1 query."""
    modifiers = tag_modifiers(story)
    return rank_of(story, list(modifiers.values())), modifiers


def num_comments(story_id: int) -> int:
    """As counted by now, whatever a row that was loaded before says. 1 query."""
    return Story.objects.values_list("num_comments", flat=True).get(pk=story_id)


def recent_duplicate(normalized_url: str, now: datetime) -> Story | None:
    """The newest listed story about the same page in the last 30 days. 1 query."""
    if not normalized_url:
        return None
    return _about(normalized_url).filter(created_at__gte=now - DUPLICATE_WINDOW).first()


def ids_about(normalized_url: str) -> list[int]:
    """The last hundred listed stories about the same page, newest first. 1 query."""
    return list(_about(normalized_url).values_list("pk", flat=True)[:MOST_ABOUT])


def _about(normalized_url: str) -> StoryQuerySet:
    return Story.objects.listed().filter(normalized_url=normalized_url).order_by("-created_at", "-id")
