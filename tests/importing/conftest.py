"""Item files written by tests, and what an import made of them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from apps.importing.items import Terms
from apps.importing.reading import Inputs
from apps.importing.rejects import Rejects
from apps.importing.runs import Summary, import_records
from tests.factories import NOW

Import = Callable[..., Summary]
Write = Callable[..., str]


def as_line(item: Any) -> bytes:
    return item if isinstance(item, bytes) else json.dumps(item).encode()


@pytest.fixture
def write_items(tmp_path: Path) -> Write:
    """Writes items (dicts, or lines as bytes) to a file and returns its path."""

    def write(*items: Any, name: str = "items.jsonl") -> str:
        path = tmp_path / name
        path.write_bytes(b"".join(as_line(item) + b"\n" for item in items))
        return str(path)

    return write


@pytest.fixture
def import_files() -> Import:
    """Imports files at NOW."""

    def run(*paths: str, strict: bool = False, source: str = "hackernews", community: str = "general") -> Summary:
        terms = Terms(now=NOW, source=source, community=community)
        with Inputs(paths) as inputs, Rejects(paths, strict=strict) as rejects:
            return import_records(inputs.records(), terms, rejects)

    return run


@pytest.fixture
def import_items(write_items: Write, import_files: Import) -> Import:
    """Imports items at NOW, through a file."""

    def run(*items: Any, **options: Any) -> Summary:
        return import_files(write_items(*items), **options)

    return run


@pytest.fixture
def rejects(tmp_path: Path) -> Callable[[], list[tuple[int, str]]]:
    """Line numbers and reasons of what the last import of `items.jsonl` left out."""

    def read() -> list[tuple[int, str]]:
        path = tmp_path / "items.jsonl.rejects"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [(line["line"], line["reason"]) for line in map(json.loads, lines)]

    return read


@pytest.fixture
def var_dir(tmp_path: Path) -> Iterator[Path]:
    """A folder for what the site keeps beside its database."""
    with override_settings(VAR_DIR=tmp_path):
        yield tmp_path
