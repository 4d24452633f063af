"""Small templates that a page holds many times. Not here: which there are (templates/, and each app's slots.py)."""

import re
from collections.abc import Hashable, Mapping
from functools import lru_cache

from django.template.loader import get_template

# Stand for numbers while a template is rendered: its addresses take them, and no count gets so large.
FIRST_STAND_IN = 10**18


def piece(template: str, numbers: Mapping[str, int], **choices: Hashable) -> str:
    """The template's HTML with `numbers` in it. Costs 2 µs, and a rendering for each new set of `choices`.

    The template may print its numbers and put them in addresses, nothing else: it is rendered without them. A line
    break in it becomes one space.
    """
    return _pattern(template, tuple(numbers), **choices) % numbers


# Visitors' pieces hold the page's path, so there is no end of them.
@lru_cache(maxsize=500)
def _pattern(template: str, names: tuple[str, ...], **choices: Hashable) -> str:
    stand_ins = {name: FIRST_STAND_IN + place for place, name in enumerate(names)}
    html = get_template(template).render(choices | stand_ins).replace("%", "%%")
    for name, number in stand_ins.items():
        html = html.replace(str(number), f"%({name})d")
    return re.sub(r"\s*\n\s*", " ", html.strip())
