"""Small templates: rendered once for each set of choices, then filled with numbers."""

from typing import Any

import pytest
from django.template import engines
from jinja2 import DictLoader

from apps.core.pieces import piece

TEMPLATES = {
    "sum.html": "{{ a }} + {{ b }} = 100 %\n",
    "link.html": "<a\n   href=\"{{ url('stories:save', id) }}\"\n   {% if is_set %}hidden{% endif %}>{{ word }}</a>\n",
}


@pytest.fixture(autouse=True)
def _templates(monkeypatch: pytest.MonkeyPatch) -> None:
    site: Any = engines["jinja2"]
    monkeypatch.setattr(site.env, "loader", DictLoader(TEMPLATES))


def test_numbers_stand_where_the_template_prints_them() -> None:
    assert piece("sum.html", {"a": 3, "b": -97}) == "3 + -97 = 100 %"
    assert piece("sum.html", {"b": 0, "a": 10**15}) == f"{10**15} + 0 = 100 %"


def test_numbers_stand_in_addresses_and_choices_are_made_while_rendering() -> None:
    assert piece("link.html", {"id": 7}, is_set=True, word="on") == '<a href="/s/7/saved" hidden>on</a>'
    assert piece("link.html", {"id": 8}, is_set=False, word="100%") == '<a href="/s/8/saved" >100%</a>'


def test_a_choice_is_text_never_markup() -> None:
    assert "<i>" not in piece("link.html", {"id": 7}, is_set=False, word="<i>%(id)d</i>")
    assert "%(id)d" in piece("link.html", {"id": 7}, is_set=False, word="<i>%(id)d</i>")


def test_only_numbers_fit_where_a_number_stood() -> None:
    with pytest.raises(TypeError):
        piece("sum.html", {"a": "<i>", "b": 1})  # type: ignore[dict-item]  # the mistake that is tried
