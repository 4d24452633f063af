"""What items say, as safe HTML. Not here: which text an item has (items.py)."""

import re
from typing import Literal

from apps.core.text import clean, clean_html, plain_paragraphs, render_markdown

Format = Literal["html", "markdown", "plain"]

BLOCK = re.compile(r"<(p|pre|ul|ol|dl|blockquote|table|div|section|hr|h[1-6])\b", re.IGNORECASE)
# Letters and the usual entities. U+0338 would join a bracket before it; a fixed blank has another form in HTML.
_LETTERS = r"[^<>&\xa0\u0338]*+(?:&(?:amp|lt|gt|quot|#x27|#39|#x2F);[^<>&\xa0\u0338]*+)*+"
OPEN_PARAGRAPHS = re.compile(f"(?:<p>{_LETTERS})++")
CLOSED_PARAGRAPHS = re.compile(rf"(?:<p>{_LETTERS}</p>[ \t\n]*+)++")
NEEDLESS_ENTITIES = {"&quot;": '"', "&#x27;": "'", "&#39;": "'", "&#x2F;": "/"}


def safe_html(text: str, form: Format) -> tuple[str, str]:
    """Markdown (when that is what was typed) and safe HTML."""
    source = clean(text)
    if form == "markdown":
        return source, render_markdown(source)
    return "", (_paragraphs(source) or _cleaned(source, form)) if source else ""


def _paragraphs(source: str) -> str:
    """What `_cleaned` makes of paragraphs of plain words, as most texts are, in a tenth of the time; "" of others."""
    source = source if source.startswith("<p>") else f"<p>{source}"
    if OPEN_PARAGRAPHS.fullmatch(source):
        source = source[3:].replace("<p>", "</p><p>")
        source = f"<p>{source}</p>"
    elif not CLOSED_PARAGRAPHS.fullmatch(source):
        return ""
    if "&" in source:
        for entity, letter in NEEDLESS_ENTITIES.items():
            source = source.replace(entity, letter)
    return source


def _cleaned(source: str, form: Format) -> str:
    safe = plain_paragraphs(source) if form == "plain" else clean_html(_in_our_words(source))
    # Entities can bring back what `clean` took out; taking it out again can join markup, so that is made safe again.
    cleaned = clean(safe)
    return safe if cleaned == safe else clean_html(cleaned)


def _in_our_words(source: str) -> str:
    """HTML as our pages have it: emphasis by meaning, and the first paragraph marked too.

    Hacker News puts `<p>` only between paragraphs, and `<i>` around what is stressed.
    """
    for tag, ours in (("i>", "em>"), ("b>", "strong>")):
        source = source.replace(f"<{tag}", f"<{ours}").replace(f"</{tag}", f"</{ours}")
    return source if BLOCK.match(source) else f"<p>{source}"
