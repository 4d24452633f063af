"""What programs can do at an address, told on the view's method: for those who call it, the schema, and the tests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from apps.accounts.models import User
from apps.accounts.permissions import Viewer
from apps.api.authentication import Grant
from apps.api.models import Scope
from apps.api.shapes.base import Input, Nothing, Shape

if TYPE_CHECKING:
    from apps.api.endpoints import Endpoint


class Call(Request):
    """A request to the API."""

    user: Viewer


class MemberCall(Call):
    """One by somebody, as all are whose operation is not public."""

    user: User
    auth: Grant


@dataclass(frozen=True, slots=True)
class Answer:
    """What a method answers: `data` in the operation's shape. `version` names the state that If-Match speaks of."""

    data: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    version: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address. `refusals` are the statuses of refusals, besides those that any may meet."""

    scope: Scope
    gives: type[Shape] | None
    takes: type[Input]
    query: type[Serializer[Any]] | None
    status: int
    is_public: bool
    refusals: tuple[int, ...]


Method = Callable[..., Answer]


def operation(
    *,
    scope: Scope = Scope.READ,
    gives: type[Shape] | None = None,
    takes: type[Input] = Nothing,
    query: type[Serializer[Any]] | None = None,
    status: int = 200,
    is_public: bool = False,
    refusals: tuple[int, ...] = (),
) -> Callable[[Method], Callable[..., Response]]:
    """Have a method of an Endpoint answer requests. It gets its address's arguments, `query` and `given`, checked.

    Whoever is not signed in gets no further unless `is_public`; whoever comes with a token needs its `scope`. What
    changes something is one transaction. Without `gives` the answer is empty.
    """
    what = Operation(scope, gives, takes, query, status if gives else 204, is_public, refusals)

    def decorate(method: Method) -> Callable[..., Response]:
        @wraps(method)
        def handle(endpoint: "Endpoint", call: MemberCall, **address: Any) -> Response:
            return endpoint.perform(what, method, call, address)

        handle.operation = what  # type: ignore[attr-defined]  # for the schema and the tests
        return handle

    return decorate
