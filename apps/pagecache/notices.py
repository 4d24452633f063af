"""What a page says above its content when it is not quite as usual."""

from collections.abc import Sequence

from django.http import HttpRequest
from django.utils.html import format_html

from apps.pagecache.slots import loader
from apps.replicas import readonly

BUSY = "So many people are here that pages are shown without what is yours for the moment."
OUTAGE = "Something does not work for the moment: this page may be up to an hour old."
STILL_LOGGED_IN = " You are still logged in."


def text(request: HttpRequest) -> str:
    """The sentences for this request; empty while all is well. No query."""
    return " ".join(filter(None, (readonly.notice_for_readers(), getattr(request, "page_notice", ""))))


@loader("notice")
def notice(request: HttpRequest, keys: Sequence[tuple[object, ...]]) -> list[str]:
    """The sentences as a banner. No arguments. No query."""
    sentences = text(request)
    return [format_html('<p class="notice" role="status">{}</p>', sentences) if sentences else "" for _ in keys]
