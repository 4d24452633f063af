"""Names of what pages depend on. Not here: which there are (each app's own tags.py)."""

from urllib.parse import quote

LENGTH = 200


def viewer(person: object) -> str:
    """The tag of what differs by viewer, for one person (by id): purged by all they do, and by what is done to them."""
    return tag("viewer", person)


def tag(kind: str, key: object) -> str:
    """The tag of one thing, such as "story:42": short, and of letters that a header can carry."""
    return f"{kind}:{quote(str(key).lower(), safe='')}"[:LENGTH]
