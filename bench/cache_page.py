"""The site's settings, with Django's own `cache_page` in place of the page cache. bench/cache.py serves it."""

from project.settings import *  # noqa: F403

PAGECACHE = False
ROOT_URLCONF = "bench.cache_page_urls"
