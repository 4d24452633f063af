"""What pages of results depend on, with the tags from apps below that they carry too."""

from apps.accounts.tags import PEOPLE
from apps.comments.tags import NEWEST_COMMENTS, STORY_TITLES
from apps.stories.tags import FRONT_PAGE

__all__ = ["FRONT_PAGE", "INDEX", "NEWEST_COMMENTS", "PEOPLE", "STORY_TITLES"]

# Which documents there are, and what they say.
INDEX = "search-index"
