"""Pages where people say which programs act for them: tokens, apps of their own, apps that they have let in."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.db import DataError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from oauth2_provider.models import Application
from oauth2_provider.views import AuthorizationView

from apps.accounts.http import MemberRequest, member_required
from apps.api import actions, queries
from apps.api.forms import AppForm, TokenForm
from apps.core.errors import DomainError, Invalid
from apps.core.http import sent

# What the toolkit fails at, since it takes from strangers what no address and no column of its tables can be.
UNREADABLE = (DataError, ValueError)
BAD_WISH = "This app cannot be let in as it asks. Go back to it and begin anew."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def tokens(request: MemberRequest) -> HttpResponse:
    """One's tokens, and the form for a new one, whose secret is shown in the answer and never again."""
    form, secret = TokenForm(sent(request)), ""
    if request.method == "POST" and form.is_valid():
        typed, now = form.cleaned_data, timezone.now()
        wish: dict[str, Any] = {"name": typed["name"], "scopes": typed["scopes"], "lifetime": typed["days"]}
        try:
            _, secret = actions.make_token(by=request.user, now=now, **wish)
        except DomainError as error:
            form.add_error(None, error.detail)
    status = 422 if form.errors else 200
    context = {"form": TokenForm() if secret else form, "secret": secret, "now": timezone.now()}
    return render(request, "api/tokens.html", context | {"tokens": queries.tokens_of(request.user)}, status=status)


@require_POST
@member_required
def token_revocation(request: MemberRequest, pk: int) -> HttpResponse:
    """Revoke a token."""
    actions.revoke_token(by=request.user, token_id=pk)
    return redirect("api:tokens")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def apps(request: MemberRequest) -> HttpResponse:
    """Apps that one has let in, one's own apps, and the form for a new one."""
    form = AppForm(sent(request))
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            actions.register_app(by=request.user, name=typed["name"], addresses=typed["addresses"].split())
            return redirect("api:apps")
        except DomainError as error:
            form.add_error(None, error.detail)
    context = {"form": form, "own": queries.apps_of(request.user), "let_in": queries.apps_let_in(request.user)}
    return render(request, "api/apps.html", context, status=422 if form.errors else 200)


@require_POST
@member_required
def app_deletion(request: MemberRequest, pk: int) -> HttpResponse:
    """Delete an app of one's own, with all that it was let into."""
    actions.delete_app(by=request.user, app_id=pk)
    return redirect("api:apps")


@require_POST
@member_required
def app_revocation(request: MemberRequest, pk: int) -> HttpResponse:
    """Let an app in no longer."""
    actions.shut_out(by=request.user, app_id=pk)
    return redirect("api:apps")


class Consent(AuthorizationView):  # type: ignore[misc]  # ships no types
    """The page that asks whether an app may act for one; the toolkit's, in the site's look."""

    template_name = "api/consent.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Let the form's answer lead to the app, whose address the toolkit has checked. Raises Invalid."""
        try:
            response: HttpResponse = super().dispatch(request, *args, **kwargs)
        except (*UNREADABLE, Application.DoesNotExist) as error:
            raise Invalid(BAD_WISH) from error
        address = urlsplit(getattr(self, "oauth2_data", {}).get("redirect_uri", ""))
        if address.netloc:
            response._csp_update = {"form-action": [f"{address.scheme}://{address.netloc}"]}  # type: ignore[attr-defined]  # read by django-csp
        return response

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask each time: without a secret, any program can say that it is one that was let in (RFC 8252, 8.6)."""
        asked = request.GET.copy()
        asked["approval_prompt"] = "force"
        request.GET = asked  # type: ignore[assignment]  # nobody minds that it could be changed
        response: HttpResponse = super().get(request, *args, **kwargs)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        """Raises Invalid: the page's own form is complete."""
        raise Invalid(BAD_WISH)

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """The page; what the toolkit calls `url` would hide the site's function of that name."""
        context.pop("url", None)
        response: HttpResponse = super().render_to_response(context, **kwargs)
        return response


def readable(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer a program in OAuth's own words (RFC 6749, section 5.2) when what it sent cannot be read."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        try:
            return view(request)
        except UNREADABLE:
            return JsonResponse({"error": "invalid_request"}, status=400)

    return guarded
