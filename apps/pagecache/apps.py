"""Shared pages: what is the same for all is rendered once, what differs by viewer is a slot."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules, import_string


class PagecacheConfig(AppConfig):
    """Finds every app's slots.py at the start."""

    name = "apps.pagecache"

    def ready(self) -> None:
        """Register all slots."""
        import_string("apps.pagecache.notices.notice")
        autodiscover_modules("slots")
