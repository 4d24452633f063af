"""The operators' pages: how the site does, and profiles of single requests."""

from collections.abc import Iterator
from datetime import datetime

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.admin import ReadOnlyAdmin
from apps.core.http import is_fragment
from apps.jobs import queries as jobs
from apps.jobs.queries import Depth
from apps.observability import health, keys, profiles, queries, tables
from apps.observability.charts import charts, words
from apps.observability.doctor import work
from apps.observability.doctor.findings import MARKS, Finding, error, warning
from apps.observability.health import Health
from apps.observability.models import Sample
from apps.observability.queries import SPANS
from apps.observability.tables import Server


@admin.register(Sample)
class SampleAdmin(ReadOnlyAdmin):
    """What is behind the operations page. Whoever may look here may look there."""

    list_display = ("source", "turn")
    search_fields = ("turn", "source")


class KeyForm(forms.Form):
    """A page of the site."""

    address = forms.CharField(max_length=2000, help_text="A path such as /top/week, or a whole address.")


@require_safe
def operations(request: HttpRequest) -> HttpResponse:
    """How the site does, on one screen; htmx gets its part anew. 7 queries, besides those of a health check."""
    _check_may_operate(request)
    asked = request.GET.get("span", "")
    figures = _figures(asked if asked in SPANS else "hour", timezone.now())
    rights = {"may_open_jobs": request.user.has_perm("jobs.view_job"), "may_open_all": request.user.is_superuser}
    content = render_to_string("observability/_operations.html", figures | rights)
    if is_fragment(request):
        return HttpResponse(content)
    # All the width for the charts.
    own = {"title": "Operations", "content": content, "is_nav_sidebar_enabled": False}
    context = admin.site.each_context(request) | own
    return TemplateResponse(request, "admin/observability/operations.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def profile_list(request: HttpRequest) -> HttpResponse:
    """Profiles of this machine; a POST makes a key."""
    _check_may_operate(request)
    form = KeyForm(request.POST if request.method == "POST" else None)
    context = admin.site.each_context(request) | {"title": "Profiles", "form": form, "profiles": profiles.newest()}
    if form.is_valid():
        context["command"] = keys.command(form.cleaned_data["address"])
    status = 422 if form.errors else 200
    return TemplateResponse(request, "admin/observability/profiles.html", context, status=status)


@require_safe
def profile(request: HttpRequest, name: str) -> HttpResponse:
    """One of them, as text. Raises NotFound."""
    _check_may_operate(request)
    return HttpResponse(profiles.read(name), content_type="text/plain; charset=utf-8")


def _check_may_operate(request: HttpRequest) -> None:
    """Raises PermissionDenied."""
    if not request.user.has_perm("observability.view_sample"):
        raise PermissionDenied


def _figures(span: str, now: datetime) -> dict[str, object]:
    # First, since it parts from the connection.
    state = health.look()
    history, depths = queries.history(span, now), jobs.depths(now)
    servers = tables.database_servers(history, span)
    return {
        "span": span,
        "spans": SPANS,
        "now": now,
        "state": state,
        "views": tables.views(history),
        "work": tables.work(history),
        "processes": tables.processes(history),
        "drift": history.risen.get("drift", {}),
        "charts": charts(history, SPANS[span] // 60),
        "servers": servers,
        "depths": depths,
        "findings": [*_findings(state, depths, now), *_out(servers)],
        "marks": MARKS,
        "words": words,
    }


def _findings(state: Health, depths: list[Depth], now: datetime) -> Iterator[Finding]:
    """What wants attention."""
    yield from (error("site", sentence) for sentence in state.missing)
    yield from (warning("site", sentence) for sentence in state.degraded)
    yield from work.judge(depths, jobs.last_turn_at(), now)


def _out(servers: list[Server]) -> Iterator[Finding]:
    for server in servers:
        if not server.is_serving:
            yield warning(server.alias, "takes no reads", "Look into its log; manage.py doctor says more.")
