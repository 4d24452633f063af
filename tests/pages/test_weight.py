"""What pages load: it exists, and it is little."""

import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone

from tests.factories import StoryFactory, TagFactory
from tests.scene import Scene

FRONT_PAGE_BYTES = 40_000
STATIC = re.compile(r'(?:href|src)="/static/([^"]+)"')


def test_all_that_pages_load_exists(client: Client, scene: Scene) -> None:
    client.force_login(scene.moderator)
    pages = scene.public_pages() + scene.member_pages() + scene.moderator_pages()

    names = {name for path in pages for name in STATIC.findall(client.get(path).content.decode())}

    assert {name for name in names if finders.find(name) is None} == set()


@pytest.mark.django_db
def test_the_front_page_with_all_it_loads_is_light(client: Client) -> None:
    tags = tuple(TagFactory.create() for _ in range(3))
    for hours in range(25):
        at = timezone.now() - timedelta(hours=hours)
        StoryFactory.create(title=f"A title of the usual length, number {hours}", tags=tags, created_at=at)

    page = client.get("/").content

    files = [Path(str(finders.find(name))).read_bytes() for name in STATIC.findall(page.decode())]
    assert sum(len(gzip.compress(part)) for part in [page, *files]) < FRONT_PAGE_BYTES
