"""What pages of stories depend on, with the tags from apps below that they carry too."""

from collections.abc import Iterable

from apps.accounts.tags import person
from apps.communities.tags import VOCABULARY, community, tagged, word
from apps.pagecache.tags import tag
from apps.stories.models import Story

__all__ = [
    "FRONT_PAGE",
    "STORY_TITLES",
    "VOCABULARY",
    "appearances",
    "community",
    "domain",
    "person",
    "story",
    "tagged",
]

# The lists of the whole site, in every order.
FRONT_PAGE = "front-page"
# What pages that list other things say of stories: their titles, and nothing of those that are gone.
STORY_TITLES = "story-titles"


def story(pk: int) -> str:
    """One story with its thread and all pages below it."""
    return tag("story", pk)


def domain(domain: str) -> str:
    """The stories from one web site."""
    return tag("domain", domain)


def appearances(of: Story, names: Iterable[str]) -> list[str]:
    """All pages that show the story, whose tags have these names. No query: community and author are loaded."""
    tags = [FRONT_PAGE, story(of.pk), community(of.community.slug), *map(word, names)]
    if of.domain:
        tags.append(domain(of.domain))
    if of.author:
        tags.append(person(of.author.username))
    return tags
