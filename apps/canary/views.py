"""The canary's page, and where it sings."""

from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from apps.canary import actions, queries, tags
from apps.canary.signing import unsign
from apps.core.errors import NotAllowed
from apps.pagecache.pages import cached_page

PLAIN = "text/plain; charset=utf-8"


@require_safe
@cached_page(seconds=60, tags=[tags.SONG])
def canary(request: HttpRequest) -> HttpResponse:
    """The number, kept and purged like any page."""
    return HttpResponse(str(queries.song()), content_type=PLAIN)


@csrf_exempt  # a program's; what it sends is signed
@require_POST
def songs(request: HttpRequest) -> HttpResponse:
    """Take a number that this site has signed a moment ago."""
    try:
        number = unsign(request.POST.get("number", ""))
    except BadSignature as error:
        raise NotAllowed from error
    actions.sing(number=number)
    return HttpResponse(status=204)
