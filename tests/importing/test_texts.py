"""The short way to safe HTML gives what the long one does."""

from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.core.text import clean
from apps.importing import texts

PARTS = (
    *("<p>", "</p>", "\n", " ", "\t", "a", "b c", "é", "=", "'", '"', "/", "🦎", "\u2028"),
    *("&lt;", "&gt;", "&amp;", "&quot;", "&#x27;", "&#39;", "&#x2F;", "&nbsp;", "&#1;", "&"),
    *("<", ">", "<i>", "<P>", "<p >", "\xa0", "\u0301", "\u0338", "\u1100\u1161", "\U0001fffe"),
)


@given(text=st.lists(st.sampled_from(PARTS) | st.text(max_size=2), max_size=12).map("".join))
@pytest.mark.parametrize("form", ["html", "plain"])
@settings(max_examples=500, deadline=None)
def test_paragraphs_of_plain_words_need_no_parser(text: str, form: Literal["html", "plain"]) -> None:
    source = clean(text)

    short = texts._paragraphs(source)

    assert short in ("", texts._cleaned(source, form))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a", "<p>a</p>"),
        ("Isn&#x27;t<p>1 &lt; 2 &amp;&amp; &quot;b&quot;", '<p>Isn\'t</p><p>1 &lt; 2 &amp;&amp; "b"</p>'),
        ("<p>a</p>\n\n<p>b</p>\n", "<p>a</p>\n\n<p>b</p>"),
    ],
)
def test_the_usual_forms_go_the_short_way(text: str, html: str) -> None:
    assert texts._paragraphs(clean(text)) == html


@pytest.mark.parametrize("text", ["<p>a</p>b", "a<p>b</p>", "a <b>b</b>", "a&nbsp;b", "a & b", "<div>a", "a<p\u0338>"])
def test_others_go_the_long_way(text: str) -> None:
    assert texts._paragraphs(clean(text)) == ""
