"""How the API says no: RFC 9457, `application/problem+json`. Not here: why (actions, permissions, shapes)."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response

from apps.core.errors import Conflict, DomainError, Invalid, NotFound, RateLimited
from apps.replicas import readonly
from apps.stories.actions import Duplicate

CONTENT_TYPE = "application/problem+json"
# Where programs live; the pages of people refuse in HTML.
ROOT = "/api/"
KEPT_HEADERS = ("Allow", "Retry-After", "Cache-Control", "X-Freshness")
# PostgreSQL's code for "has waited for a lock too long".
LOCK_TIMEOUT = "55P03"
# What the site says outside of the API's own code.
SENTENCES = {
    400: "The request could not be understood.",
    403: "The site does not take that from there.",
    404: NotFound.message,
    500: "Something went wrong here. It has been noted; try again later.",
    503: "The site cannot do that for the moment. Try again later.",
}

Errors = dict[str, list[str]]


class StillRunning(Conflict):
    """Something else holds what the request needs: often the same request, sent a moment ago."""

    code = "still-running"
    message = "Another request is at work on the same thing. Send this one again in a moment."


class LengthMissing(Invalid):
    """The body comes in pieces, of which nobody has said how many there are."""

    status = 411
    code = "length-missing"
    message = "Say with Content-Length how long the body is: without, it is not read."


class TooLarge(Invalid):
    """The body is larger than any that is of use."""

    status = 413
    code = "too-large"
    message = f"A body has at most {settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes."


class ChangedMeanwhile(Conflict):
    """If-Match names a state that is gone."""

    status = 412
    code = "changed-meanwhile"
    message = "It has been changed since you read it. Read it again, then decide."


class ScopeMissing(DomainError):
    """The token is good, but not for this."""

    status = 403
    code = "scope-missing"

    def __init__(self, scope: str) -> None:
        super().__init__(f"This needs a token with the scope “{scope}”.")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of refusal: what its code means, and the sentence that mostly comes with it."""

    code: str
    status: int
    note: str
    detail: str


def kinds() -> list[Kind]:
    """All kinds of refusals that the site knows, by code."""
    ours: list[type[DomainError]] = [DomainError, *(kind for kind in _below(DomainError) if _is_of_site(kind))]
    found = {kind.code: Kind(kind.code, kind.status, _line(kind.__doc__), kind.message) for kind in ours}
    for kind in filter(_is_of_site, _below(APIException)):
        code, detail = _dashed(kind.default_code), str(kind.default_detail)
        found.setdefault(code, Kind(code, kind.status_code, detail, detail))
    for status, sentence in SENTENCES.items():
        code = _dashed(HTTPStatus(status).phrase)
        found.setdefault(code, Kind(code, status, sentence, sentence))
    return sorted(found.values(), key=lambda kind: kind.code)


def problem(status: int, code: str, detail: str, errors: Errors | None = None) -> dict[str, Any]:
    """The body of a refusal; `errors` holds sentences by the name of the field that they are about."""
    body = {"type": f"/api/docs#{code}", "title": HTTPStatus(status).phrase, "status": status}
    return body | {"detail": detail, "code": code, "errors": errors or {}}


def refuse(exception: Exception, context: Mapping[str, Any]) -> Response | None:
    """The answer to an expected exception: DRF's handler. None for what is a fault of ours."""
    match exception:
        case DomainError():
            response = _expected(exception)
        case Http404():
            response = _refusal(404, NotFound.code, NotFound.message)
        case ValidationError():
            errors = dict(_flat(exception.detail))
            response = _refusal(400, Invalid.code, _sentence(errors), errors)
        case APIException():
            response = _refusal(exception.status_code, _dashed(exception.default_code), str(exception.detail))
            if header := getattr(exception, "auth_header", None):
                response["WWW-Authenticate"] = header
        case OperationalError() if getattr(exception.__cause__, "sqlstate", "") == LOCK_TIMEOUT:
            response = _refusal(StillRunning.status, StillRunning.code, StillRunning.message)
            response["Retry-After"] = "1"
        case _:
            return None
    return response


class ProblemMiddleware:
    """Stands right behind the page cache: what refuses a program outside of the API's own code speaks JSON too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; put a page that says no into a program's words."""
        response = self.get_response(request)
        is_page = response.status_code >= 400 and not response.get("Content-Type", "").startswith("application/")
        if not (is_page and request.path.startswith(ROOT)):
            return response
        status = response.status_code
        phrase = HTTPStatus(status).phrase
        detail = (status == 503 and readonly.notice()) or SENTENCES.get(status, f"{phrase}.")
        body = json.dumps(problem(status, _dashed(phrase), detail))
        headers = {name: response[name] for name in KEPT_HEADERS if name in response}
        return HttpResponse(body, status=status, content_type=CONTENT_TYPE, headers=headers)


def _expected(error: DomainError) -> Response:
    errors = {error.field: [error.detail]} if error.field else {}
    response = _refusal(error.status, error.code, error.detail, errors)
    match error:
        case RateLimited():
            response["Retry-After"] = str(error.seconds)
        case Duplicate():
            response.data |= {"story": error.story.pk, "page": error.story.get_absolute_url()}
    return response


def _refusal(status: int, code: str, detail: str, errors: Errors | None = None) -> Response:
    return Response(problem(status, code, detail, errors), status=status, content_type=CONTENT_TYPE)


def _dashed(words: str) -> str:
    """A code of words: "not_found" and "Not Found" are not-found."""
    return words.lower().replace("_", "-").replace(" ", "-")


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


def _below(kind: type[Any]) -> Iterator[type[Any]]:
    for found in kind.__subclasses__():
        yield found
        yield from _below(found)


def _is_of_site(kind: type[Any]) -> bool:
    """Not one that a test or a library brings along."""
    return kind.__module__.startswith(("apps.", "rest_framework."))


def _flat(detail: Any, name: str = "") -> Iterator[tuple[str, list[str]]]:
    """DRF's nested errors, each under the way to its field, such as "tags.2"."""
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            yield from _flat(inner, f"{name}.{key}" if name else str(key))
    elif all(isinstance(item, str) for item in detail):
        yield name, [str(item) for item in detail]
    else:
        for number, inner in enumerate(detail):
            yield from _flat(inner, f"{name}.{number}" if name else str(number))


def _sentence(errors: Errors) -> str:
    """The first error as one sentence, for programs that show only that."""
    name, sentences = next(iter(errors.items()))
    return sentences[0] if name in {"", "non_field_errors"} else f"{name}: {sentences[0]}"
