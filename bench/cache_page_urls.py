"""The site's addresses, the front page behind Django's `cache_page`: whole, with its slots filled for a visitor."""

import inspect

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.cache import cache_page

from apps.pagecache import slots
from apps.stories.views import front_page
from project.urls import urlpatterns as site


@cache_page(60)
def front(request: HttpRequest) -> HttpResponse:
    """The front page as a classic view makes it."""
    response: HttpResponse = inspect.unwrap(front_page)(request)
    response.content = slots.fill(request, response.content.decode())
    return response


urlpatterns = [path("", front), *site]
