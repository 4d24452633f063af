"""Pages of one's own data: a copy of it, and its end."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.http import MemberRequest, member_required
from apps.core.http import is_fragment
from apps.personal.actions import erasure as erasures
from apps.personal.actions import exports
from apps.personal.forms import ErasureForm
from apps.personal.permissions import access_export
from apps.personal.queries import export_of


@require_safe
@never_cache
@member_required
def data(request: MemberRequest) -> HttpResponse:
    """What one can do with one's data; htmx asks for the export alone while it is being prepared."""
    now = timezone.now()
    template = "personal/_export.html" if is_fragment(request) else "personal/data.html"
    return render(request, template, {"progress": export_of(request.user, now), "now": now, "form": ErasureForm()})


@require_POST
@member_required
def export(request: MemberRequest) -> HttpResponse:
    """Ask for a copy of one's data."""
    exports.request_export(by=request.user, now=timezone.now())
    return redirect("personal:data")


@require_safe
@never_cache
@member_required
def download(request: MemberRequest) -> HttpResponse:
    """The copy. Nginx takes it in at once, so that a slow reader holds no thread."""
    export = access_export(request.user, timezone.now())
    response = FileResponse(export.path.open("rb"), as_attachment=True, filename="my-data.zip")
    # It is compressed already.
    response["Content-Encoding"] = "identity"
    return response  # type: ignore[return-value]  # a response all the same, only not one that lies in memory


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth ships no types
def erasure(request: MemberRequest) -> HttpResponse:
    """Ask for the last time, after the password; then close the account."""
    form = ErasureForm(request.POST or request.GET)
    if not form.is_valid():
        return redirect("personal:data")
    with_texts = form.cleaned_data["texts"] == "erase"
    if request.method == "POST":
        erasures.erase_account(by=request.user, with_texts=with_texts, now=timezone.now())
        logout(request)
        messages.success(request, "Your account is deleted. What is left of your data goes within the next minutes.")
        return redirect("/")
    return render(request, "personal/erasure.html", {"with_texts": with_texts})
