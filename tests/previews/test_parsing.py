"""What is read out of pages, in whatever letters, however broken."""

import random

import pytest
import webencodings.labels

from apps.core.fetching import Document
from apps.previews.parsing import Page, parse
from tests.core.hostile import ALL

PAGE = """<!doctype html><html><head><title>Plain — Grüße 你好</title>
<meta property="og:title" content="Open &amp; shut"><meta name="description" content="Of doors.">
<meta property="og:site_name" content="Doors"><meta property="og:image" content="/a b.png">
<link rel="canonical nofollow" href="?id=1&utm_source=x"></head><body><title>Other</title>"""

LETTERS = "<title>Grüße 你好</title>"


def parsed(html: str | bytes, charset: str = "utf-8") -> Page:
    body = html if isinstance(html, bytes) else html.encode("utf-8", "surrogatepass")
    return parse(Document("https://example.org/p/", "text/html", charset, body))


def title(html: str | bytes, charset: str = "") -> str:
    return parsed(html, charset).title


def test_page_says_what_it_is() -> None:
    assert parsed(PAGE) == Page(
        title="Open & shut",
        description="Of doors.",
        site_name="Doors",
        canonical_url="https://example.org/p/?id=1&utm_source=x",
        image="https://example.org/a%20b.png",
    )


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<title> A \n title </title>", "A title"),
        ("<title></title><meta property=og:title content=' '><meta name=twitter:title content=T>", "T"),
        ("<META NAME=' Og:Title ' CONTENT=x>", "x"),
        ("<meta property=og:title content=first><meta property=og:title content=second>", "first"),
        ("<meta property=og:title><meta property=og:title content>", ""),
        ("<body><div><meta property=og:title content=late>", "late"),
        ("<title>a<b>b</b></title>", "a<b>b</b>"),
        ("<title>never closed", "never closed"),
        ("<title>a\x00b\u202ec</title>", "a\ufffdbc"),
        ("<script><meta property=og:title content=x></script><!--<title>y</title>-->", ""),
    ],
)
def test_first_title_that_says_something_counts(html: str, expected: str) -> None:
    assert title(html, "utf-8") == expected


def test_texts_are_cut_to_what_a_card_can_show() -> None:
    page = parsed(f"<title>{'long ' * 999}</title><meta name=description content='{'x' * 10**6}'>")

    assert (len(page.title), page.title[-3:]) == (200, "ng…")
    assert (len(page.description), page.description[-1]) == (300, "…")


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "http://localhost/",
        "http://10.0.0.1/",
        "https://u:p@example.org/",
        "http://[",
    ],
)
def test_canonical_address_is_one_that_could_be_submitted(address: str) -> None:
    assert parsed(f"<link rel=canonical href='{address}'>").canonical_url == ""


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32-le", "utf-7", "gb18030"])
@pytest.mark.parametrize(
    "charset", ["", "utf-8", "utf-16", "nonsense", "x" * 9000, "\x00", "rot13", "zlib", "idna", "utf-7"]
)
def test_letters_in_any_codec_under_any_name_are_survived(codec: str, charset: str) -> None:
    page = parsed(PAGE.encode(codec), charset)

    assert len(page.title) <= 200
    assert page.title.isprintable()


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        (LETTERS.encode(), ""),
        (LETTERS.encode(), "utf8"),
        (LETTERS.encode(), "no-such-charset"),
        (LETTERS.encode("utf-8-sig"), "latin1"),
        (LETTERS.encode("utf-16"), "utf-8"),
        (LETTERS.encode("utf-16-le"), "utf-16"),
        (LETTERS.encode("gb18030"), "GBK"),
        (b"<meta charset=gb18030>" + LETTERS.encode("gb18030"), ""),
        (b"<meta http-equiv=content-type content='text/html; charset = \"gb18030\"'>" + LETTERS.encode("gb18030"), ""),
        (b"<meta charset=utf-16>" + LETTERS.encode(), ""),
    ],
)
def test_charset_is_found_as_browsers_find_it(body: bytes, charset: str) -> None:
    assert title(body, charset) == "Grüße 你好"


def test_old_pages_without_a_charset_are_western() -> None:
    assert title("<title>Grüße – heute</title>".encode("cp1252")) == "Grüße – heute"


@pytest.mark.parametrize("label", sorted(webencodings.labels.LABELS))
def test_every_known_charset_reads_anything(label: str) -> None:
    noise = random.Random(1).randbytes(3000)

    assert [parsed(body, label) for body in (noise, b"\xff" * 99, b"\x1b$)C" * 99, b"", PAGE.encode())]


HUGE = {
    "100,000 elements in each other": "<div>" * 100_000,
    "as many that are closed in vain": "<b>" * 150_000 + "</p>" * 250_000,
    "deep, but not too deep, and closed in vain": "<b>" * 250 + "</p>" * 400_000,
    "ends of nothing": "</x>" * 500_000,
    "comments that never end": "<!--" * 500_000,
    "tags that never end": "<a " * 600_000,
    "attributes": f"<meta {' '.join(f'a{number}=x' for number in range(200_000))}>",
    "one attribute": f"<meta content='{'a' * 2_000_000}'>",
    "one name": f"<{'a' * 2_000_000}>",
    "brackets": "<" * 2_000_000,
    "references": "&#x41;" * 300_000 + "&" * 200_000,
    "zeros": "\x00" * 2_000_000,
    "titles": "<title>x</title>" * 120_000,
    "metas": "<meta charset" * 150_000,
    "tables": "<table><tr><td>" * 130_000,
    "formats": "<a><b></a>" * 200_000,
}


@pytest.mark.parametrize("kind", HUGE)
def test_page_made_to_be_slow_is_not(kind: str) -> None:
    # Ends at all: trees of such pages take minutes.
    page = parsed(f"<title>Seen</title>{HUGE[kind]}")

    assert page.title == "Seen"


@pytest.mark.parametrize("number", range(len(ALL)))
def test_hostile_texts_are_plain_text(number: int) -> None:
    page = parsed(f'<meta property="og:title" content="{ALL[number]}"><title>{ALL[number]}</title>')

    assert all(
        sign.isprintable() or sign == " " or sign in "\u200b\u200c\u200d\u2060\xad\u3164\ufe0f" for sign in page.title
    )


def test_pieces_of_markup_in_any_order_are_survived() -> None:
    pieces = [
        "<",
        ">",
        "<meta ",
        "property=",
        "og:title",
        "content=",
        "'",
        '"',
        "<title>",
        "</title>",
        "\x00",
        "&#0;",
        "é",
    ]
    pieces += [
        "&#xD800;",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?xml version='1.0' encoding='utf-16'?>",
        "<svg>",
        "</",
        "a",
    ]
    pieces += ["<script>", "<plaintext>", "<noscript>", "<template>", "<link rel=canonical href=", "<base href=//x>"]
    dice = random.Random(1)

    for _ in range(2000):
        parsed("".join(dice.choices(pieces, k=40)), "")
