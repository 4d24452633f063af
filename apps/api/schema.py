"""The OpenAPI description, made from the operations. Not here: what they do (views), what names mean (notes.py),
examples (examples.py).
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from apps.api.examples import EXAMPLES
from apps.api.models import Scope
from apps.api.notes import NOTES
from apps.api.operations import Operation
from apps.api.problems import CONTENT_TYPE, kinds, problem
from apps.api.shapes.base import FieldsQuery, Ids, Input, List, Nothing, Words

SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A personal token, or one that an app was given."},
    "oauth2": {
        "type": "oauth2",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": "/oauth/authorize",
                "tokenUrl": "/oauth/token",
                "refreshUrl": "/oauth/token",
                "scopes": {str(scope): f"It may {scope.label}." for scope in Scope},
            }
        },
    },
    "session": {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Why something was refused (RFC 9457).",
    "properties": {
        "type": {"type": "string", "description": "Where this kind of refusal is explained."},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for people."},
        "code": {"type": "string", "description": "A stable word for programs."},
        "errors": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
            "description": "Sentences by the name of the field that they are about.",
        },
        "story": {"type": "integer", "description": "Of a duplicate: the story that is there already."},
        "page": {"type": "string", "description": "Of a duplicate: the path of that story's page for people."},
    },
    "required": ["type", "title", "status", "detail", "code", "errors"],
}
REFUSALS = {
    400: "What was asked for or sent cannot be used.",
    401: "No token where one is needed, or a bad one.",
    403: "This person may not, or this token.",
    404: "There is no such thing, or not for this person.",
    405: "The address does not know this method.",
    409: "Somebody was faster, or the same request is still at work.",
    410: "It is forgotten.",
    411: "How long the body is was not said.",
    412: "It is no longer what If-Match says.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "The Idempotency-Key was used for another request.",
    429: "Too many requests; Retry-After says when to go on.",
    500: "Something went wrong here.",
    503: "The site is read-only for the moment.",
}
HEADERS = {
    "ETag": {"description": "Names this very answer.", "schema": {"type": "string"}},
    "Idempotent-Replayed": {
        "description": "`true` on what was answered before to the same Idempotency-Key.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Location": {"description": "The address of what was made.", "schema": {"type": "string"}},
    "RateLimit": {"description": "What is left of this minute's requests.", "schema": {"type": "string"}},
    "RateLimit-Policy": {"description": "How many requests there are a minute.", "schema": {"type": "string"}},
    "Retry-After": {"description": "In how many seconds to try again.", "schema": {"type": "string"}},
    "X-Freshness": {
        "description": "Send it with the next requests of the minute: whichever server answers them knows of this one.",
        "schema": {"type": "string"},
    },
    "WWW-Authenticate": {"description": "How to bring a token.", "schema": {"type": "string"}},
}
REFUSAL_HEADERS = {
    401: ["WWW-Authenticate"],
    409: ["Retry-After"],
    429: ["RateLimit", "RateLimit-Policy", "Retry-After"],
    503: ["Retry-After"],
}
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "maxLength": 200, "pattern": "^[!-~]+$"},
    OpenApiParameter.HEADER,
    description="Send it again with the same key and body: it is done once, and answered alike for 24 hours.",
)
IF_MATCH = OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, description="The ETag that was read.")
IF_NONE_MATCH = OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, description="The ETag that one has.")


class Schema(AutoSchema):
    """How drf-spectacular reads an operation."""

    @property
    def what(self) -> Operation:
        """The operation that is described."""
        found: Operation = getattr(self.view, self.method.lower()).operation
        return found

    def get_operation_id(self) -> str:
        """Such as getStories."""
        return f"{self.method.lower()}{type(self.view).__name__}"

    def get_summary(self) -> str:
        """What it does, in a sentence."""
        return self._said()[0]

    def get_description(self) -> str:  # type: ignore[override]  # drf-spectacular's differs from DRF's
        """The rest of it, and the scope."""
        return f"{self._said()[1]} Scope: `{self.what.scope}`.".strip()

    def get_tags(self) -> list[str]:
        """The noun."""
        return [type(self.view).__module__.rpartition(".")[2]]

    def get_auth(self) -> list[Any]:
        """Each way in; none is needed for what is public."""
        ways: list[Any] = [{"bearer": []}, {"oauth2": [str(self.what.scope)]}, {"session": []}]
        return [{}, *ways] if self.what.is_public else ways

    def get_request_serializer(self) -> Any:
        """What is sent."""
        return None if self.what.takes is Nothing else self.what.takes

    def get_response_serializers(self) -> Any:
        """What is answered when all is well."""
        return {self.what.status: self.what.gives}

    def get_override_parameters(self) -> list[Any]:
        """What is asked for, in the query and in headers."""
        found = list(self._query()) if self.method == "GET" else []
        found += {"GET": [IF_NONE_MATCH], "POST": [IDEMPOTENCY_KEY]}.get(self.method, [])
        return found + ([IF_MATCH] if 412 in self.what.refusals else [])

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """With all refusals, and the headers of every answer."""
        found = super().get_operation(*args, **kwargs)
        if found is None:
            return None
        found["responses"][str(self.what.status)] |= {"description": "Done.", "headers": self._headers()}
        others = {*self._refusals("{" in self.path), *((304,) if self.method == "GET" else ())}
        found["responses"] |= {str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(others)}
        return found

    def _headers(self) -> dict[str, Any]:
        names = {"RateLimit", "RateLimit-Policy"} | ({"Location"} if self.what.status == 201 else set())
        names |= {"ETag"} if self.what.status == 200 else set()
        names |= {"X-Freshness"} if self.method != "GET" else set()
        names |= {"Idempotent-Replayed"} if self.method == "POST" else set()
        return _references(sorted(names))

    def _said(self) -> tuple[str, str]:
        """The method's docstring: its first sentence, and the others."""
        first, _, rest = str(getattr(self.view, self.method.lower()).__doc__).strip().partition(". ")
        return f"{first.removesuffix('.')}.", rest

    def _query(self) -> Iterator[OpenApiParameter]:
        query = (self.what.query or FieldsQuery)()
        for name, field in query.fields.items():
            kind: Any = self._map_serializer_field(field, "request")  # type: ignore[no-untyped-call]  # its own
            if isinstance(field, Ids):
                kind = {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1, "maxItems": 100}
            elif isinstance(field, Words):
                kind = {"type": "array", "items": {"enum": self._names()}, "minItems": 1}
            explode = False if isinstance(field, Words) else None
            description = field.help_text or ""
            yield OpenApiParameter(
                name, kind, OpenApiParameter.QUERY, description=description, explode=explode, style=None
            )

    def _names(self) -> list[str]:
        """The fields of each item."""
        shape: Any = self.what.gives() if self.what.gives else serializers.Serializer()
        return sorted(shape.item.fields if isinstance(shape, List) else shape.fields)

    def _refusals(self, has_arguments: bool) -> Iterator[int]:
        yield from (400, 401, 403, 405, 429, 500, 503)
        if has_arguments or self.what.takes is not Nothing:
            yield 404
        if self.method != "GET":
            yield from (409, 411, 413, 415)
        if self.method == "POST":
            yield 422
        yield from self.what.refusals


def refusal(status: int) -> dict[str, Any]:
    """A refusal as the description tells it, with an example of each code."""
    found = [kind for kind in kinds() if kind.status == status]
    body: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/Problem"}}
    body["examples"] = {
        kind.code: {"summary": kind.note, "value": problem(status, kind.code, kind.detail)} for kind in found
    }
    told = {"description": REFUSALS[status], "content": {CONTENT_TYPE: body}}
    return told | ({"headers": _references(REFUSAL_HEADERS[status])} if status in REFUSAL_HEADERS else {})


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """What no single operation says: the shape of refusals, ways in, examples; drf-spectacular's hook."""
    components = result["components"]
    components["securitySchemes"] = SECURITY
    inputs = {shape.__name__ for shape in _below(Input)}
    for name, shape in components["schemas"].items():
        shape["examples"] = [EXAMPLES[name]]
        if name in inputs:
            shape["additionalProperties"] = False
        else:
            # `fields` may leave out any.
            shape.pop("required", None)
    PROBLEM["properties"]["code"]["enum"] = [kind.code for kind in kinds()]
    components["schemas"]["Problem"] = PROBLEM
    for name, told in _named(result):
        if "description" not in told:
            told["description"] = NOTES[name]
    components["headers"] = HEADERS
    components["responses"] = {str(status): refusal(status) for status in REFUSALS}
    components["responses"]["304"] = {"description": "It is what If-None-Match says."}
    return result


def _named(result: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """All fields and parameters."""
    for shape in result["components"]["schemas"].values():
        yield from shape["properties"].items()
    for path in result["paths"].values():
        for operation in path.values():
            yield from ((told["name"], told) for told in operation.get("parameters", []))


def _references(names: Iterable[str]) -> dict[str, Any]:
    """Headers, told once for all."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _below(kind: type[Any]) -> Iterator[type[Any]]:
    for found in kind.__subclasses__():
        yield found
        yield from _below(found)
