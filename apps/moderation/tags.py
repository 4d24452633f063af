"""What the pages of moderation depend on, with the tag from below that they carry too."""

from apps.stories.tags import STORY_TITLES

__all__ = ["LOG", "STORY_TITLES"]

LOG = "log"
