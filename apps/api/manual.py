"""The API's description as people read it: operations by noun, shapes, refusals. Made once in each process."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """A field or parameter: its type in words, and what there is to say about it."""

    name: str
    kind: str
    note: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation. `takes` and `gives` are names of shapes, or empty."""

    method: str
    path: str
    summary: str
    note: str
    is_public: bool
    parameters: list[Line]
    takes: str
    gives: str
    status: str
    refusals: list[str]


@dataclass(frozen=True, slots=True)
class ShapeEntry:
    """A shape with its fields and an example."""

    name: str
    note: str
    lines: list[Line]
    example: str


@cache
def description() -> Json:
    """The OpenAPI document."""
    generator: Any = SchemaGenerator()  # type: ignore[no-untyped-call]  # its own
    found: Json = generator.get_schema(request=None, public=True)
    return found


@cache
def chapters() -> dict[str, list[Entry]]:
    """All operations by noun."""
    found = defaultdict(list)
    for path, methods in description()["paths"].items():
        for method, operation in methods.items():
            found[operation["tags"][0]].append(_entry(method, path, operation))
    return dict(found)


@cache
def shapes() -> list[ShapeEntry]:
    """All shapes by name."""
    schemas = description()["components"]["schemas"].items()
    return [
        ShapeEntry(name, shape["description"], list(_fields(shape)), _example(shape)) for name, shape in sorted(schemas)
    ]


def _entry(method: str, path: str, operation: Json) -> Entry:
    done = next(status for status in operation["responses"] if status.startswith("2"))
    return Entry(
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        note=operation["description"],
        is_public={} in operation["security"],
        parameters=[
            Line(found["name"], _kind(found["schema"]), found.get("description", ""), found.get("required", False))
            for found in operation.get("parameters", [])
        ],
        takes=_named(operation.get("requestBody", {})),
        gives=_named(operation["responses"][done]),
        status=done,
        refusals=[status for status in operation["responses"] if status >= "4"],
    )


def _fields(shape: Json) -> Iterator[Line]:
    for name, field in shape["properties"].items():
        yield Line(name, _kind(field), field.get("description", ""), name in shape.get("required", ()))


def _named(body: Json) -> str:
    kind: str = _kind(body["content"]["application/json"]["schema"]) if "content" in body else ""
    return kind


def _kind(schema: Json) -> str:
    """A JSON schema in a few words, such as "integer or null" or "list of Story"."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if several := schema.get("oneOf") or schema.get("allOf"):
        return " or ".join(map(_kind, several))
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    kinds = schema.get("type", "anything")
    if kinds == "array":
        return f"list of {_kind(schema['items'])}"
    return " or ".join([kinds] if isinstance(kinds, str) else kinds)


def _example(shape: Json) -> str:
    return json.dumps(shape["examples"][0], indent=2, ensure_ascii=False) if "examples" in shape else ""
