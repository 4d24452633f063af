"""HTML becomes words, headlines become safe HTML."""

import pytest

from apps.core.text import clean, render_markdown
from apps.search.texts import START, STOP, marked, parted, plain
from tests.core import hostile


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>One</p><p>two<br>three</p>", "One two three"),
        ("un<em>believ</em>able", "unbelievable"),
        ("<ul><li>a</li><li>b</li></ul>", "a b"),
        ("<pre><code>x &lt; y &amp;&amp; z</code></pre>", "x < y && z"),
        ('<a href="https://a.example/?x=1" rel="nofollow">link</a>ed', "linked"),
        ("", ""),
    ],
)
def test_words_of_html(html: str, words: str) -> None:
    assert plain(html) == words


@pytest.mark.parametrize("text", hostile.ALL)
def test_headlines_of_hostile_texts_are_inert(text: str) -> None:
    text = clean(text)

    safe = marked(f"{START}{plain(render_markdown(text))}{STOP}{text}")

    assert safe.replace("<mark>", "").replace("</mark>", "").count("<") == 0


def test_signs_of_chinese_and_japanese_are_words_and_look_as_before() -> None:
    assert parted("世界 and データ") == "世\u200b界 and デ\u200bー\u200bタ"
    assert marked(parted("世界")) == "世界"
