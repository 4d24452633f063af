"""Texts on their way into the index and out of it. Not here: which texts (documents.py)."""

import html
import re

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

# Around what was found; no text of ours holds them, since control characters are dropped on the way in.
START, STOP = "\x02", "\x03"

_TAG = re.compile(r"<(/?(?:a|code|del|em|strong|sub|sup)\b)?[^>]*>")
_BLANKS = re.compile(r"\s+")
# Chinese and Japanese have no blanks between words: each sign is indexed as a word, so that any part can be found.
_SIGN = re.compile("(?<=[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])(?=\\w)")
JOINT = "\u200b"


def plain(safe_html: str) -> str:
    """The words of safe HTML on one line."""
    # A blank for each tag, unless it can stand inside a word.
    return _BLANKS.sub(" ", html.unescape(_TAG.sub(lambda tag: "" if tag[1] else " ", safe_html))).strip()


def parted(text: str) -> str:
    """The text with invisible joints where engines shall see the end of a word."""
    return _SIGN.sub(JOINT, text)


def marked(headline: str) -> SafeString:
    """Safe HTML of a headline: everything escaped, what was found marked."""
    safe = escape(headline.replace(JOINT, ""))
    return mark_safe(safe.replace(START, "<mark>").replace(STOP, "</mark>"))  # noqa: S308 (escaped above)
