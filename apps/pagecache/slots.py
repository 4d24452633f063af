"""Slots: the parts of a page that depend on who looks.

A template writes `{{ slot("vote", story.id) }}`; the rendered page holds a mark there, and filling it asks the
kind's loader once for all marks of that kind. So a page costs one bulk question per kind, however long it is,
and nothing private can stand in the shared text. Loaders live in each app's `slots.py`.
"""

import json
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from django.http import HttpRequest
from markupsafe import Markup

# A loader answers with one piece of safe HTML for each tuple of arguments, in their order.
Arguments = tuple[object, ...]
Loader = Callable[[HttpRequest, Sequence[Arguments]], Sequence[str]]

# Unguessable, so that no text that a person wrote can pass for a slot.
_KEY = secrets.token_hex(8)
MARK = f"\x00{_KEY}".encode()
_SLOT = re.compile(f"\x00{_KEY}([a-z_]+)(\\[[^\x00]*\\])\x00")
_loaders: dict[str, Loader] = {}
_shared_kinds: set[str] = set()


def loader(kind: str, *, is_shared: bool = False) -> Callable[[Loader], Loader]:
    """Register the decorated function as what fills the slots of `kind`.

    `is_shared`: it says the same to everybody, so its answer is kept with the page. For what an upper app adds.
    """

    def register(function: Loader) -> Loader:
        _loaders[kind] = function
        if is_shared:
            _shared_kinds.add(kind)
        return function

    return register


def slot(kind: str, *arguments: object) -> Markup:
    """The mark of a slot; `arguments` are numbers, texts or None."""
    return Markup(f"\x00{_KEY}{kind}{json.dumps(arguments)}\x00")  # noqa: S704 (JSON escapes NUL, so the mark is whole)


@dataclass(frozen=True)
class Segments:
    """A page as its literal texts and the slots between them: `slots[i]` stands after `literals[i]`."""

    literals: list[str]
    slots: list[tuple[str, Arguments]]

    @classmethod
    def parse(cls, content: str) -> Self:
        """The segments of a rendered page."""
        pieces = _SLOT.split(content)
        kinds, arguments = pieces[1::3], [tuple(json.loads(text)) for text in pieces[2::3]]
        return cls(pieces[0::3], list(zip(kinds, arguments, strict=True)))

    def fill(self, request: HttpRequest) -> str:
        """The page for this viewer: one call per kind of slot."""
        pieces = self._pieces.copy()
        for kind, (places, arguments) in self._by_kind.items():
            for place, html in zip(places, _loaders[kind](request, arguments), strict=True):
                pieces[place] = html
        return "".join(pieces)

    @cached_property
    def _pieces(self) -> list[str]:
        """Literals, and empty places for the slots between them."""
        pieces = [""] * (2 * len(self.literals) - 1)
        pieces[::2] = self.literals
        return pieces

    @cached_property
    def _by_kind(self) -> dict[str, tuple[list[int], list[Arguments]]]:
        """The places and arguments of each kind, in the page's order."""
        kinds: dict[str, tuple[list[int], list[Arguments]]] = {}
        for number, (kind, arguments) in enumerate(self.slots):
            places, its_arguments = kinds.setdefault(kind, ([], []))
            places.append(2 * number + 1)
            its_arguments.append(arguments)
        return kinds


def fill(request: HttpRequest, content: str) -> str:
    """`content` with its slots filled for this viewer."""
    return Segments.parse(content).fill(request)


def fill_shared(request: HttpRequest, content: str) -> str:
    """`content` with those slots filled that say the same to everybody."""
    return _SLOT.sub(
        lambda mark: (
            _loaders[mark[1]](request, [tuple(json.loads(mark[2]))])[0] if mark[1] in _shared_kinds else mark[0]
        ),
        content,
    )
