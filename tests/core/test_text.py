"""What people wrote comes out inert, readable, and soon."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.core.text import clean, clean_html, clean_line, plain_paragraphs, render_markdown
from tests.core.hostile import ALL
from tests.core.inert import faults

LONGEST = 40_000
# Each repeated up to the longest text; what takes the square of the length is felt here.
REPEATED = [
    *(
        "[",
        "]",
        "![",
        "[](",
        "[a](",
        "[a][",
        "*",
        "_",
        "*a ",
        "**a",
        "a_",
        "*a_ ",
        "`",
        "` a``",
        "~~a ",
        "\\",
        "&",
        "&#",
    ),
    *(
        "<",
        "<a ",
        "<!-- ",
        "</",
        "> ",
        "> - ",
        "- ",
        "1. ",
        "# ",
        "a\n",
        "\n",
        "    a\n",
        "```\n",
        "|",
        "|a",
        "|-",
        ":-",
    ),
    *("://", "//", "a://", "http://", "http://a.example ", "é?(http://", "www.", "a@", "a@b.example", "a.", "mailto:"),
    *("<http://a", "a.example/(", '[a](b "', "<b>", "<p><em>", "<table>", "\u0316", "😀"),
]


@pytest.mark.parametrize("source", ALL)
def test_hostile_text_comes_out_inert(source: str) -> None:
    outputs = [render(clean(source)) for render in (render_markdown, clean_html, plain_paragraphs)]

    assert [faults(html) for html in outputs] == [[], [], []]
    assert [clean_html(html) for html in outputs] == outputs


@given(st.text(alphabet="<>\"'&;:/\\=()[]!*_`~#|- \n\tascript:ondhref0x\u2028", max_size=80))
@settings(max_examples=200, deadline=None)
def test_random_markup_comes_out_inert(source: str) -> None:
    outputs = [render(clean(source)) for render in (render_markdown, clean_html, plain_paragraphs)]

    assert [faults(html) for html in outputs] == [[], [], []]


@given(st.text(alphabet=st.characters(categories=None), max_size=60))
@settings(max_examples=200, deadline=None)
def test_cleaned_text_can_be_stored_anywhere_and_is_stable(source: str) -> None:
    text = clean(source)

    text.encode()
    assert "\x00" not in text
    assert not {chr(mark) for mark in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))} & set(text)
    assert clean(text) == text
    assert clean_line(clean_line(source)) == clean_line(source)
    assert "\n" not in clean_line(source)


@pytest.mark.parametrize("piece", REPEATED)
def test_the_longest_text_of_one_piece_comes_out_inert(piece: str) -> None:
    source = (piece * LONGEST)[:LONGEST]

    html = render_markdown(source)

    assert faults(html) == []


def test_markdown_keeps_what_a_comment_needs() -> None:
    source = "# Head\n\n*a* **b** ~~c~~ `d`\n\n> quote\n\n- one\n\n3. three\n\n|x|\n|-|\n|y|\n\n```py\n1 < 2\n```"

    html = render_markdown(source)

    assert html.startswith("<p><strong>Head</strong></p>\n<p><em>a</em> <strong>b</strong>")
    for piece in ("<blockquote>", "<li>one</li>", '<ol start="3">', "<td>y</td>", "<pre><code>1 &lt; 2\n</code></pre>"):
        assert piece in html


def test_links_are_marked_as_foreign_and_images_become_links() -> None:
    html = render_markdown('https://a.example/_b_ and ![a "cat"](https://a.example/cat.png)')

    rel = 'rel="ugc nofollow noopener"'
    assert f'<a href="https://a.example/_b_" {rel}>https://a.example/_b_</a>' in html
    assert f'<a href="https://a.example/cat.png" {rel}>a "cat"</a>' in html
    assert "<img" not in html


def test_in_a_very_long_paragraph_bare_links_stay_text() -> None:
    short, long = "https://a.example", "https://b.example " * 1000

    html = render_markdown(f"{short}\n\n{long}")

    assert 'href="https://a.example"' in html
    assert 'href="https://b.example"' not in html


def test_foreign_headings_and_images_leave_their_text_only() -> None:
    assert clean_html("<h1>Head</h1><img src=x alt=y><script>gone()</script> tail") == "Head tail"


def test_paragraphs_of_plain_text_become_html() -> None:
    assert plain_paragraphs("one &lt;b&gt;<p>two") == "<p>one &lt;b&gt;</p><p>two</p>"


def test_lines_are_joined_and_blanks_trimmed() -> None:
    assert clean_line("  a\r\n\tb\u00a0 c ") == "a b c"
    assert clean("a\r\nb\rc\x00") == "a\nb\nc"


@pytest.mark.parametrize(
    "source",
    [
        *("\u200b", " \u200b\n\u200d ", "\u2060\xad\u200f", "\u3164", "\u115f\u1160", "\uffa0", "\u2800 \u2800"),
        *("\ufe0f", "\u034f", "\u180e", "\U000e0041\U000e0100", "\u2028", "\u202e\u200b\x00" * 5000),
    ],
)
def test_text_of_which_nothing_can_be_seen_is_none(source: str) -> None:
    assert clean(source) == clean_line(source) == ""


@pytest.mark.parametrize(
    "source", ["a\u200bb", "\u200b0", "❤\ufe0f", "👩\u200d🚀", "\U0001fae8", "می\u200cخواهم", "\u0301", "⠁"]
)
def test_marks_that_show_nothing_stay_beside_what_does(source: str) -> None:
    assert clean(source) == source


@pytest.mark.parametrize("marks", ["\u0301", "\u0316\u0301", "\u0301\u0316\u05b0"])
def test_no_letter_carries_a_tower_of_marks(marks: str) -> None:
    cleaned = clean(f"a{marks * LONGEST}b ệ")

    assert len(cleaned) <= 1 + 30 + len("b ệ")
    assert cleaned.endswith("b ệ")
    assert clean(cleaned) == cleaned
