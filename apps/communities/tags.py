"""What pages of communities and of the vocabulary depend on."""

from apps.pagecache.tags import tag

COMMUNITIES = "communities"
# All words, their summaries and rank modifiers.
VOCABULARY = "vocabulary"
MOST_TAGS_TOGETHER = 5


def community(slug: str) -> str:
    """One community's stories and its own page."""
    return tag("community", slug)


def tagged(names: str) -> list[str]:
    """The stories with any of the words that an address joins by commas."""
    return [word(name) for name in together(names)]


def word(name: str) -> str:
    """The stories with one word of the vocabulary, alone or together with others."""
    return tag("tagged", name)


def together(names: str) -> list[str]:
    """The words that a page shows of those in its address: each once, in order, at most five."""
    return sorted(set(names.split(",")))[:MOST_TAGS_TOGETHER]
