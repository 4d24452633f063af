"""Pages that belong to no app: refusals, errors, a preview of Markdown, the choice of colors, a word to crawlers."""

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_BAD_ORIGIN
from django.shortcuts import render
from django.template.loader import get_template
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from apps.core.http import back, is_fragment
from apps.core.text import clean, render_markdown

THEMES = ("auto", "light", "dark")
THEME_SECONDS = 365 * 86_400
LONGEST_PREVIEW = 40_000
ELSEWHERE = REASON_BAD_ORIGIN.partition("%")[0]
# Forms, and what costs much to make and says nothing that stories, threads and profiles do not say.
ROBOTS = """\
User-agent: *
Disallow: /account/
Disallow: /api/v1/
Disallow: /search
Disallow: /submit
Disallow: /comments/*/reply
Disallow: /s/*/rank
"""
# Never shown again: what was typed here is nobody's business, not even on the writer's own screen.
SECRET_FIELDS = ("csrfmiddlewaretoken", "password", "password1", "password2", "oldpassword")


def refusal(request: HttpRequest, *, status: int, message: str, log_in: bool = False) -> HttpResponse:
    """A page that says why not, and gives back what was typed, ready to be sent again; with a way to log in first."""
    typed = [(name, value) for name, values in request.POST.lists() if name not in SECRET_FIELDS for value in values]
    context = {"status": status, "message": message, "typed": typed, "path": request.get_full_path(), "log_in": log_in}
    return render(request, "core/refusal.html", context, status=status)


def read_only(request: HttpRequest, message: str) -> HttpResponse:
    """Nothing can be written for the moment; what was typed can be sent later."""
    return refusal(request, status=503, message=message)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old: nothing is lost, it can be sent again. What another site has filled in cannot."""
    if reason.startswith(ELSEWHERE):
        context = {"status": 403, "message": "This was sent by another site, so nothing was done."}
        return render(request, "core/refusal.html", context | {"typed": [], "log_in": False}, status=403)
    return refusal(
        request, status=403, message="This form was open for too long. Look at it once more and send it again."
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return refusal(request, status=400, message="The request could not be understood.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return refusal(request, status=403, message="You may not do that.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return refusal(request, status=404, message="There is nothing at this address.")


def failure(request: HttpRequest) -> HttpResponse:
    """500: no slots, no database, only an apology."""
    return HttpResponse(get_template("500.html").render(), status=500)


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The typed Markdown as it will look."""
    html = render_markdown(clean(request.POST.get("text", "")[:LONGEST_PREVIEW]))
    template = "core/_preview.html" if is_fragment(request) else "core/preview.html"
    return render(request, template, {"html": html})


@csrf_exempt  # so that pages of visitors need no cookie; the worst a foreign form can do is to turn on the light
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen colors in a cookie and go back."""
    response = back(request)
    if (chosen := request.POST.get("theme")) in THEMES:
        response.set_cookie("theme", chosen, max_age=THEME_SECONDS, samesite="Lax", secure=request.is_secure())
    return response


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may leave out (RFC 9309)."""
    headers = {"Cache-Control": "public, max-age=86400"}
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8", headers=headers)
