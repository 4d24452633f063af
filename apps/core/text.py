"""What people wrote, made safe: cleaning of raw text, Markdown and foreign HTML. Not here: who wrote it."""

import html as entities
import re
import unicodedata
from collections.abc import Iterator, Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_core.linkify import linkify as core_linkify
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.linkify import linkify as inline_linkify
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

TAGS = {
    *("p", "br", "hr", "em", "strong", "del", "sub", "sup", "a", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
# nh3 keeps the text of tags that it drops; of these even the text is of no use to a reader.
TAGS_WITHOUT_TEXT = {"script", "style", "template", "noscript", "iframe", "object", "title", "textarea", "select"}
# A name as people call it, not a part of an address; the end of a sentence is no part of it.
NAMED = re.compile(r"(?<![\w@/.+-])@([A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)")
LINK_REL = "ugc nofollow noopener"
# Characters. In a longer paragraph bare links stay text: finding them can take the square of its length.
LONGEST_WITH_BARE_LINKS = 8000

# Control characters, except tab and newline, and the invisible marks that turn text around (Trojan Source).
INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]")
# What shows nothing by itself: blanks, Unicode's Default_Ignorable_Code_Point, and the empty pattern of Braille.
UNSEEN = re.compile(
    "[\\s\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]*"
)
BLANKS = re.compile(r"\s+")
# Marks on one letter, as many as Unicode's own limit (UAX 15, Stream-Safe Text Format). To put thousands in order takes
# the square of their number, and they cover the lines around.
MOST_MARKS = 30


def clean(source: str) -> str:
    """Text as people may store it: NFC, newlines as \\n, no control characters, lone surrogates or bidi overrides.

    Empty when there is nothing to see; no letter has more than MOST_MARKS.
    """
    source = INVISIBLE.sub("", source.replace("\r\n", "\n").replace("\r", "\n"))
    text = unicodedata.normalize("NFC", source if source.isascii() else "".join(_without_towers(source))).strip()
    return "" if UNSEEN.fullmatch(text) else text


def _without_towers(text: str) -> Iterator[str]:
    marks = 0
    for sign in text:
        marks = marks + 1 if unicodedata.combining(sign) else 0
        if marks <= MOST_MARKS:
            yield sign


def clean_line(source: str) -> str:
    """Like `clean`, on one line: every run of white space becomes one blank."""
    return BLANKS.sub(" ", clean(source)).strip()


def render_markdown(source: str) -> str:
    """Safe HTML of Markdown that a person typed: CommonMark, tables, strikethrough, bare links."""
    return clean_html(_markdown.render(source))


def clean_html(html: str) -> str:
    """Safe HTML of HTML from anywhere: a small set of tags, links to http(s) and mail marked as foreign."""
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        clean_content_tags=TAGS_WITHOUT_TEXT,
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel=LINK_REL,
    ).strip()


def plain_paragraphs(text: str) -> str:
    """Safe HTML of escaped text whose paragraphs are parted by `<p>`, as the Hacker News API sends it."""
    return clean_html(text if text.lstrip().startswith("<p>") else f"<p>{text}")


def excerpt(html: str, length: int) -> str:
    """The beginning of safe HTML as one line of plain text, of at most `length` characters."""
    return shortened(clean_line(entities.unescape(nh3.clean(html, tags=set()))), length)


def shortened(line: str, length: int) -> str:
    """The line, or its beginning up to a blank, in at most `length` characters."""
    if len(line) <= length:
        return line
    beginning = line[: length - 1]
    return f"{beginning.rpartition(' ')[0] or beginning}…"


def names_called(source: str) -> list[str]:
    """The names written as @name in Markdown, in small letters, each once, in order; not those in code."""
    inline = (token for block in _markdown.parse(source) for token in block.children or ())
    texts = (token.content for token in inline if token.type == "text")
    return list(dict.fromkeys(name.lower() for text in texts for name in NAMED.findall(text)))


class _Renderer(RendererHTML):
    """Headings become bold paragraphs and images links: a comment must not shout or load foreign files."""

    def heading_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "<p><strong>"

    def heading_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "</strong></p>\n"

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        label = self.renderInlineAsText(token.children or [], options, env) or "image"
        return f'<a href="{nh3.clean_text(str(token.attrs["src"]))}">{nh3.clean_text(label)}</a>'


def _link_inline(state: StateInline, silent: bool) -> bool:
    return len(state.src) <= LONGEST_WITH_BARE_LINKS and inline_linkify(state, silent)


def _link_rest(state: StateCore) -> None:
    tokens = state.tokens
    state.tokens = [token for token in tokens if len(token.content) <= LONGEST_WITH_BARE_LINKS]
    core_linkify(state)
    state.tokens = tokens


_markdown = MarkdownIt("commonmark", {"html": False, "linkify": True}, renderer_cls=_Renderer)
_markdown.enable(["table", "strikethrough", "linkify"])
_markdown.inline.ruler.at("linkify", _link_inline)
_markdown.core.ruler.at("linkify", _link_rest)
