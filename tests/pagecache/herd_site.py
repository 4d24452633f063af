"""One page that takes its time, and notes each of its renders in a file."""

import os
import time
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path

from apps.pagecache.pages import cached_page

# Long enough for all of a herd to arrive meanwhile.
SECONDS = 0.3


@cached_page(seconds=60, tags=["page"])
def page(request: HttpRequest) -> HttpResponse:
    with Path(settings.VAR_DIR, "renders").open("a", encoding="ascii") as file:
        file.write(f"{os.getpid()}\n")
    time.sleep(SECONDS)
    return HttpResponse("<p>page</p>")


urlpatterns = [path("page", page)]
