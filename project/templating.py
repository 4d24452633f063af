"""The Jinja2 environment of the site's pages: what a template may call."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from jinja2 import Environment, StrictUndefined

from apps.core.dates import ago
from apps.pagecache.slots import slot


def environment(**options: Any) -> Environment:
    """Autoescaped, strict about names; `url`, `static`, `slot`, `is_live`, `ago`, `plural` and the site's name."""
    options |= {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    env = Environment(**options)  # noqa: S701 (Django's backend switches autoescape on)
    env.globals.update(url=url, static=static, slot=slot, is_live=is_live, site_name=settings.SITE_NAME)
    env.filters.update(ago=_ago, plural=plural)
    return env


@lru_cache(maxsize=10_000)
def url(name: str, *arguments: object) -> str:
    """The path of a named page. Kept, since a list asks for the same people and tags again and again."""
    return reverse(name, args=arguments)


def is_live() -> bool:
    """Whether pages may ask for live updates."""
    return settings.LIVE


def plural(count: int, noun: str) -> str:
    """A count with its noun, such as "1 comment", "1,234 comments" or "2 replies"."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun.removesuffix('y')}ies" if noun.endswith("y") else f"{count:,} {noun}s"


def _ago(moment: datetime) -> str:
    return ago(moment, timezone.now())
