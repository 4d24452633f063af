"""Requests of people who are signed in."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django_htmx.http import HttpResponseClientRedirect

from apps.accounts.models import User
from apps.core.http import is_fragment
from apps.core.views import refusal

P = ParamSpec("P")


class MemberRequest(HttpRequest):
    """A request whose user is certainly a member."""

    user: User


def member_required(
    view: Callable[Concatenate[MemberRequest, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Send visitors to the log-in page; a form that a visitor sent is given back to be sent again."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if isinstance(request.user, User):
            return view(request, *args, **kwargs)  # type: ignore[arg-type]  # narrowed by the line above
        if request.method in {"GET", "HEAD"}:
            login = redirect_to_login(request.get_full_path())
            return HttpResponseClientRedirect(login.url) if is_fragment(request) else login
        message = "Log in first, in another tab, then send this form again."
        return refusal(request, status=403, message=message, log_in=True)

    return guarded
