"""The operators' pages: how the site does, and profiles of single requests."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_safe

from apps.observability import keys, profiles


class KeyForm(forms.Form):
    """A page of the site."""

    address = forms.CharField(max_length=2000, help_text="A path such as /top/week, or a whole address.")


@require_http_methods(["GET", "HEAD", "POST"])
def profile_list(request: HttpRequest) -> HttpResponse:
    """Profiles of this machine; a POST makes a key."""
    if not request.user.is_superuser:
        raise PermissionDenied
    form = KeyForm(request.POST if request.method == "POST" else None)
    context = admin.site.each_context(request) | {"title": "Profiles", "form": form, "profiles": profiles.newest()}
    if form.is_valid():
        context["command"] = keys.command(form.cleaned_data["address"])
    status = 422 if form.errors else 200
    return TemplateResponse(request, "admin/observability/profiles.html", context, status=status)


@require_safe
def profile(request: HttpRequest, name: str) -> HttpResponse:
    """One of them, as text. Raises NotFound."""
    if not request.user.is_superuser:
        raise PermissionDenied
    return HttpResponse(profiles.read(name), content_type="text/plain; charset=utf-8")
