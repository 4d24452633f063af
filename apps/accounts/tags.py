"""What pages of people depend on. Not here: which page carries which tag (views.py), who purges it (actions.py)."""

from apps.pagecache.tags import tag

# Who there is, and who stands where by karma.
PEOPLE = "people"


def person(username: str) -> str:
    """One person's profile, stories and comments."""
    return tag("person", username)
