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
    """The sentence for this request; empty while all is well. No query."""
    return getattr(request, "page_notice", "") or readonly.notice_for_readers()


@loader("notice")
def notice(request: HttpRequest, keys: Sequence[tuple[object, ...]]) -> list[str]:
    """The sentence as a banner. No arguments. No query."""
    sentence = text(request)
    return [format_html('<p class="notice" role="status">{}</p>', sentence) if sentence else "" for _ in keys]
