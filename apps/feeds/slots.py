"""What members see of their private feeds."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from apps.accounts.models import User
from apps.feeds.keys import key_of
from apps.pagecache.slots import loader


@loader("inbox_feed")
def inbox_feed(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The link to the feed of one's own inbox; nothing for visitors. No arguments. No query."""
    if not isinstance(request.user, User):
        return [""] * len(keys)
    path = reverse("feeds:inbox", args=["rss", key_of(request.user)])
    link = format_html('<a href="{}" title="For you alone: its address is its key.">Feed</a>', path)
    return [link for _ in keys]
