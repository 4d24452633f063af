"""What the API is: its description for programs, and a page for people."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.api import manual, problems
from apps.pagecache.pages import cached_page


@require_safe
@cached_page(seconds=60, tags=[])
def description(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document."""
    return JsonResponse(manual.description())


@require_safe
@cached_page(seconds=60, tags=[])
def docs(request: HttpRequest) -> HttpResponse:
    """The same to read."""
    shapes = manual.shapes()
    context = {
        "chapters": manual.chapters(),
        "shapes": shapes,
        "names": {shape.name for shape in shapes},
        "refusals": problems.kinds(),
        "site_url": settings.SITE_URL,
    }
    return render(request, "api/docs.html", context)
