"""What stored HTML must be like, checked by parsing it anew: no sanitizer is asked about its own work."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

TAGS = {
    *("p", "br", "hr", "em", "strong", "del", "sub", "sup", "a", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title", "rel"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}


class Inspector(HTMLParser):
    """Collects in `faults` whatever may not stand in stored HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.faults.append(f"<{tag}>")
        values = dict(attrs)
        self.faults += [f"<{tag} {name}>" for name in values.keys() - ATTRIBUTES.get(tag, set())]
        if tag == "a" and values.get("rel") != "ugc nofollow noopener":
            self.faults.append(f"rel={values.get('rel')}")
        if "href" in values and urlsplit(values["href"] or "").scheme not in SCHEMES:
            self.faults.append(f"href={values['href']}")

    def handle_comment(self, data: str) -> None:
        self.faults.append("a comment")

    def handle_decl(self, decl: str) -> None:
        self.faults.append("a declaration")

    def handle_pi(self, data: str) -> None:
        self.faults.append("an instruction")

    def unknown_decl(self, data: str) -> None:
        self.faults.append("an unknown declaration")


def faults(html: str) -> list[str]:
    """Everything in `html` that could act, load, or lead anywhere but to a web page or a mail."""
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    return inspector.faults
