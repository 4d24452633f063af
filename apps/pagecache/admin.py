"""The operators' page of the page cache: what it does for each view, and a way to purge."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from apps.pagecache import figures, purging


class PurgeForm(forms.Form):
    """Tags, parted by spaces; or everything."""

    tags = forms.CharField(required=False, max_length=2000, help_text="As in a page's Surrogate-Key, parted by spaces.")
    everything = forms.BooleanField(required=False, help_text="No page kept until now is shown again, even in need.")

    def clean(self) -> dict[str, object]:
        """Either tags or everything."""
        typed = self.cleaned_data
        if bool(typed.get("tags", "").split()) == typed.get("everything", False):
            raise forms.ValidationError("Name tags, or choose everything.")
        return typed


@require_http_methods(["GET", "HEAD", "POST"])
def page_cache(request: HttpRequest) -> HttpResponse:
    """Figures by view; a POST purges."""
    if not request.user.is_superuser:
        raise PermissionDenied
    form = PurgeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if purging.purge_now(*form.cleaned_data["tags"].split()):
            messages.success(request, "Purged.")
        else:
            messages.error(request, "The cache cannot be reached, so nothing was purged.")
        return redirect("page_cache")
    context = admin.site.each_context(request) | {"title": "Page cache", "form": form, "views": figures.by_view()}
    status = 422 if form.errors else 200
    return TemplateResponse(request, "admin/pagecache/page_cache.html", context, status=status)
