"""Slots: the parts of a page that depend on who looks.

A template writes `{{ slot("vote", story.id) }}`; the rendered page holds a mark there, and `fill` asks the
kind's loader once for all marks of that kind. So a page costs one bulk question per kind, however long it is,
and nothing private can stand in the shared text. Loaders live in each app's `slots.py`.
"""

import json
import re
import secrets
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, cast

from django.http import HttpRequest
from django.template.loader import get_template
from markupsafe import Markup

# A loader answers with one piece of safe HTML for each tuple of arguments, in their order.
Loader = Callable[[HttpRequest, Sequence[tuple[object, ...]]], Sequence[str]]

# Unguessable, so that no text that a person wrote can pass for a slot.
_KEY = secrets.token_hex(8)
MARK = f"\x00{_KEY}".encode()
_SLOT = re.compile(f"\x00{_KEY}([a-z_]+)(\\[[^\x00]*\\])\x00")
_loaders: dict[str, Loader] = {}


def loader(kind: str) -> Callable[[Loader], Loader]:
    """Register the decorated function as what fills the slots of `kind`."""

    def register(function: Loader) -> Loader:
        _loaders[kind] = function
        return function

    return register


def slot(kind: str, *arguments: object) -> Markup:
    """The mark of a slot; `arguments` are numbers, texts or None."""
    return Markup(f"\x00{_KEY}{kind}{json.dumps(arguments)}\x00")  # noqa: S704 (JSON escapes NUL, so the mark is whole)


def macro(template: str, name: str, **context: object) -> Callable[..., str]:
    """A macro of a template, for loaders of many small pieces: a call costs a tenth of rendering a template."""
    jinja: Any = get_template(template)
    return cast("Callable[..., str]", getattr(jinja.template.make_module(context), name))


def fill(request: HttpRequest, content: str) -> str:
    """`content` with its slots filled for this viewer: one call per kind of slot."""
    pieces = _SLOT.split(content)
    places: dict[str, list[int]] = defaultdict(list)
    for place in range(1, len(pieces), 3):
        places[pieces[place]].append(place)
    for kind, its_places in places.items():
        arguments = [tuple(json.loads(pieces[place + 1])) for place in its_places]
        for place, html in zip(its_places, _loaders[kind](request, arguments), strict=True):
            pieces[place] = html
            pieces[place + 1] = ""
    return "".join(pieces)
