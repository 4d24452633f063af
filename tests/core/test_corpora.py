"""Known attacks and edge cases, collected by others over years."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from apps.core.text import clean, clean_html, plain_paragraphs, render_markdown
from apps.stories.links import BadLink, parse_url
from tests.core.inert import faults

CORPORA = Path(os.environ.get("GROUNDSWELL_DATA", "../shared/data")) / "corpora"

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not CORPORA.is_dir(), reason=f"the corpora are not at {CORPORA} (GROUNDSWELL_DATA)"),
]


def texts_of(name: str) -> list[str]:
    """Every string in a JSON file, however deep."""
    found: list[str] = []
    waiting = [json.loads((CORPORA / name).read_text(encoding="utf-8"))]
    while waiting:
        match waiting.pop():
            case str(text):
                found.append(text)
            case dict(entry):
                waiting += entry.values()
            case list(entries):
                waiting += entries
    return found


@pytest.mark.parametrize("name", ["xss/dompurify_expect.json", "naughty/blns.json", "markdown/commonmark_tests.json"])
@pytest.mark.parametrize("render", [render_markdown, clean_html, plain_paragraphs])
def test_known_attacks_come_out_inert(name: str, render: Callable[[str], str]) -> None:
    outputs = {text: render(clean(text)) for text in texts_of(name)}

    assert outputs
    assert {text: faults(html) for text, html in outputs.items() if faults(html)} == {}
    assert [text for text, html in outputs.items() if clean_html(html) != html] == []


def test_an_address_is_taken_or_refused_with_a_sentence() -> None:
    cases = [case for case in json.loads((CORPORA / "urls/urltestdata.json").read_text()) if isinstance(case, dict)]

    taken = [case for case in cases if is_taken(case["input"])]

    assert len(taken) > 50
    assert [case for case in taken if case.get("failure")] == []


def test_internationalized_names_never_break_the_parser() -> None:
    lines = (CORPORA / "urls/IdnaTestV2.txt").read_text(encoding="utf-8").splitlines()
    names = [line.split(";")[0].strip() for line in lines if line and not line.startswith("#")]

    taken = [name for name in names if is_taken(f"https://{name}/")]

    assert 0 < len(taken) < len(names)


def is_taken(address: str) -> bool:
    try:
        link = parse_url(address)
    except BadLink:
        return False
    assert (link.url + link.normalized_url + link.domain).isascii()
    return True
