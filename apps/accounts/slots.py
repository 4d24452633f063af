"""What differs by viewer on every page: the account menu, the form of its buttons, messages, colors, the CSRF token."""

import time
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import get_template
from django.utils.html import format_html

from apps.accounts.models import User
from apps.accounts.queries import muted_person_names
from apps.core.http import page_path
from apps.core.pieces import piece
from apps.core.views import THEMES
from apps.live.keys import key_to
from apps.pagecache.slots import loader
from apps.pagecache.tags import viewer


@loader("account")
def account(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The account menu. No arguments. No query."""
    context: dict[str, object] = {"path": page_path(request), "member": None}
    if isinstance(request.user, User):
        context |= {"member": request.user, "token": get_token(request), "live_key": "", "now": time.time()}
        if settings.LIVE:
            context["live_key"] = key_to(viewer(request.user.pk))
    return [get_template("accounts/_menu.html").render(context) for _ in keys]


@loader("act")
def act(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The form that all small buttons of a page belong to; nothing for visitors. No arguments. No query."""
    if not isinstance(request.user, User):
        return [""] * len(keys)
    context = {"token": get_token(request), "path": page_path(request)}
    return [get_template("accounts/_act.html").render(context) for _ in keys]


@loader("messages")
def messages(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """What the site has to tell this viewer once. No arguments. No query."""
    waiting = list(get_messages(request))
    return [get_template("accounts/_messages.html").render({"messages": waiting}) if waiting else "" for _ in keys]


@loader("theme")
def theme(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The chosen colors as a word: auto, light or dark. No arguments. No query."""
    return [_theme(request) for _ in keys]


@loader("theme_choice")
def theme_choice(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The buttons that choose the colors. No arguments. No query."""
    chosen, path = _theme(request), page_path(request)
    return [piece("accounts/_theme.html", {}, themes=THEMES, chosen=chosen, path=path) for _ in keys]


@loader("csrf")
def csrf(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The hidden field that a form needs; on pages of one's own, since it sets a cookie. No arguments. No query."""
    field = format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(request))
    return [field for _ in keys]


@loader("mute_person")
def mute_person(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The button that mutes a person; nothing for visitors and on oneself. Arguments: name. 1 query."""
    if not isinstance(request.user, User):
        return [""] * len(keys)
    own_name, muted = request.user.username, set(muted_person_names(request.user))
    return [
        "" if name == own_name else piece("accounts/_mute.html", {}, name=name, is_muted=name in muted)
        for (name,) in keys
    ]


def _theme(request: HttpRequest) -> str:
    chosen = request.COOKIES.get("theme", "")
    return chosen if chosen in THEMES else "auto"
