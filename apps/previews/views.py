"""Thumbnails, where no Nginx serves them."""

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from apps.core.errors import NotFound
from apps.previews.thumbnails import FOLDER


@require_safe
@cache_control(public=True, max_age=31_536_000, immutable=True)
def thumbnail(request: HttpRequest, shelf: int, name: str) -> HttpResponse:
    """The file, whose name says its content, so that it never changes."""
    path = f"{FOLDER}/{shelf}/{name}.webp"
    if not default_storage.exists(path):
        raise NotFound
    with default_storage.open(path) as file:
        return HttpResponse(file.read(), content_type="image/webp")
