"""What all addresses of the API do alike: who asks, may they, how often, what was sent, how it is answered."""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import NotAuthenticated
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from apps.api import actions, limits
from apps.api.authentication import BrowserAuthentication, TokenAuthentication
from apps.api.operations import Answer, MemberCall, Method, Operation
from apps.api.parsing import StrictJSONParser
from apps.api.problems import ChangedMeanwhile, LengthMissing, ScopeMissing, TooLarge
from apps.api.queries import digest
from apps.api.shapes.base import FieldsQuery, NoQuery, Nothing
from apps.core.errors import Invalid
from apps.core.http import has_already
from apps.pagecache.strangers import is_shared

SAFE_METHODS = {"GET", "HEAD"}
KEY = re.compile("[!-~]{1,200}")


class OneLanguage(BaseContentNegotiation):
    """JSON, whatever is asked for: so an answer differs by its address alone."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """The parser, if it can read what was sent."""
        kind = request.content_type.partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == kind), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        """The only one."""
        return renderers[0], renderers[0].media_type


class Endpoint(APIView):
    """One address. Its methods are operations."""

    authentication_classes = [TokenAuthentication, BrowserAuthentication]
    permission_classes = []
    parser_classes = [StrictJSONParser]
    renderer_classes = [JSONRenderer]
    content_negotiation_class = OneLanguage
    metadata_class = None
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    budget: limits.Budget | None = None
    version = ""

    def get_authenticators(self) -> list[Any]:
        """None while an answer is made for all."""
        return [] if is_shared(self.request) else super().get_authenticators()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Before anything is read: is it short enough? Raises LengthMissing, TooLarge."""
        if request.method not in SAFE_METHODS and "HTTP_TRANSFER_ENCODING" in request.META:
            # Nginx puts the pieces together. Without it Django would read none, and take that for an empty wish.
            raise LengthMissing
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge
        # Before the parser reads it, so that both it and an Idempotency-Key can speak of the same.
        _ = request._request.body
        super().initial(request, *args, **kwargs)

    def perform(self, what: Operation, method: Method, call: MemberCall, address: dict[str, Any]) -> Response:
        """Answer one request: check, do, shape."""
        is_write = call.method not in SAFE_METHODS
        if not is_shared(call._request):
            _check_scope(what, call)
            caller = call.auth.caller if call.auth else limits.address(call._request)
            # A visitor's may have been counted before the answer was looked for among the kept ones (sharing.py).
            self.budget = getattr(call._request, "budget", None) or limits.spend(caller, is_write=is_write)
            self.budget.check()
        given = dict(address)
        # As a plain dict: of a form, an empty word would pass for none.
        asked = _checked((what.query or (NoQuery if is_write else FieldsQuery))(data=call.query_params.dict()))
        if not is_write:
            given |= {"query": asked} if what.query else {}
            return self.respond(what, method(self, call, **given), asked.get("fields", ()))
        body = _checked(what.takes(data=call.data))
        if what.takes is not Nothing:
            given["given"] = body
        return self.write(call, lambda: self.respond(what, method(self, call, **given)))

    def write(self, call: MemberCall, act: Callable[[], Response]) -> Response:
        """Do it in one transaction; a POST with an Idempotency-Key only once, however often it is sent."""
        key = call.META.get("HTTP_IDEMPOTENCY_KEY") if call.method == "POST" else None
        if key is not None and not KEY.fullmatch(key):
            raise Invalid("An Idempotency-Key has 1 to 200 letters, digits and signs of ASCII, without blanks.")
        with transaction.atomic():
            return self.once(call, key, act) if key else act()

    def once(self, call: MemberCall, key: str, act: Callable[[], Response]) -> Response:
        """What was answered when `key` came first; if it comes first, do it now."""
        sent = hashlib.sha256(f"{call.get_full_path()}\n".encode() + call._request.body).hexdigest()
        whose = digest(f"{call.auth.caller}\n{key}")
        kept, is_new = actions.begin_answer(by=call.user, key=whose, request=sent, now=timezone.now())
        if not is_new:
            headers = kept.headers | {"Idempotent-Replayed": "true"}
            return Response(json.loads(kept.body) if kept.body else None, kept.status, headers=headers)
        response = act()
        headers = {name: response[name] for name in ("Location",) if name in response}
        body = "" if response.data is None else JSONRenderer().render(response.data).decode()
        actions.keep_answer(kept, status=response.status_code, headers=headers, body=body)
        return response

    def respond(self, what: Operation, answer: Answer, only: Sequence[str] = ()) -> Response:
        """The answer in its shape, with the fields `only`, or all."""
        self.version = answer.version
        if what.gives is None:
            return Response(status=204, headers=answer.headers)
        shape = what.gives(answer.data)
        if only:
            shape.narrow(only)
        return Response(shape.data, status=what.status, headers=answer.headers)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """With what any answer says about itself; rendered, so that it can be kept."""
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in (self.budget.headers if self.budget else {}).items():
            response[name] = value
        response.render()
        if response.status_code == 200:
            body = hashlib.sha256(response.content).hexdigest()[:16]
            response["ETag"] = f'"{self.version}.{body}"' if self.version else f'"{body}"'
        response.setdefault("Cache-Control", "private, no-cache" if request.method in SAFE_METHODS else "no-store")
        if response.status_code == 200 and request.method in SAFE_METHODS and has_already(request, response["ETag"]):
            response.status_code, response.content = 304, b""
        return response


def version_of(*state: object) -> str:
    """Another one for each state of what can be changed."""
    return hashlib.sha256(repr(state).encode()).hexdigest()[:16]


def check_match(call: Request, version: str) -> None:
    """Raises ChangedMeanwhile when the request names, in If-Match, a state other than `version`."""
    wanted = call.META.get("HTTP_IF_MATCH", "*").strip()
    # Of an ETag the first half says what an author can change: votes in between do no harm.
    known = {tag.strip().removeprefix("W/").strip('"').partition(".")[0] for tag in wanted.split(",")}
    if wanted != "*" and version not in known:
        raise ChangedMeanwhile


def _check_scope(what: Operation, call: MemberCall) -> None:
    if not call.user.is_authenticated:
        if not what.is_public:
            raise NotAuthenticated("This is for members: bring a token.")
    elif what.scope not in call.auth.scopes:
        raise ScopeMissing(what.scope)


def _checked(shape: BaseSerializer[Any]) -> Any:
    shape.is_valid(raise_exception=True)
    return shape.validated_data
