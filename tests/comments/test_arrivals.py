"""Comments that an open page has heard of, by their ids."""

import re

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.live import keys
from apps.stories.models import Story
from tests.conftest import CountQueries
from tests.factories import CommentFactory, PersonFactory, StoryFactory

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true"}


@pytest.fixture
def story() -> Story:
    return StoryFactory.create(created_at=timezone.now())


def shown(client: Client, story: Story, *ids: object, headers: dict[str, str] = PART) -> list[int]:
    page = client.get(f"/s/{story.pk}/arrivals/", {"ids": ",".join(map(str, ids))}, headers=headers)
    assert page.status_code == 200
    return [int(pk) for pk in re.findall(r'<article class="comment[^>]* id="c(\d+)"', page.content.decode())]


@pytest.mark.parametrize("headers", [PART, {}])
def test_those_that_were_asked_for_come_oldest_first(client: Client, story: Story, headers: dict[str, str]) -> None:
    first, _, third = (CommentFactory.create(story=story).pk for _ in range(3))

    assert shown(client, story, third, first, headers=headers) == [first, third]


def test_each_says_where_it_belongs(client: Client, story: Story) -> None:
    root = CommentFactory.create(story=story)
    reply = CommentFactory.create(parent=root)

    part = client.get(f"/s/{story.pk}/arrivals/?ids={root.pk},{reply.pk}", headers=PART).content.decode()

    assert re.findall(r'data-parent="(c\d+)"', part) == [f"c{root.pk}"]
    assert "<html" not in part


def test_what_is_gone_or_elsewhere_or_never_was_is_left_out(client: Client, story: Story) -> None:
    now = timezone.now()
    kept = CommentFactory.create(story=story).pk
    gone = [CommentFactory.create(story=story, **{fact: now}).pk for fact in ("deleted_at", "removed_at")]
    elsewhere = CommentFactory.create().pk

    assert shown(client, story, kept, *gone, elsewhere, 10**17) == [kept]
    assert shown(client, story, *gone) == []


def test_comments_on_a_held_story_are_for_nobody(client: Client) -> None:
    held = StoryFactory.create(held_at=timezone.now())
    comment = CommentFactory.create(story=held)

    assert client.get(f"/s/{held.pk}/arrivals/?ids={comment.pk}", headers=PART).status_code == 404


@pytest.mark.parametrize(
    "query", ["", "ids=", "ids=x", "ids=1,", "ids=-1", "ids=1;2", "ids=" + "9" * 30, "ids=" + ",".join("1" * 101)]
)
def test_other_words_than_ids_are_refused(client: Client, story: Story, query: str) -> None:
    assert client.get(f"/s/{story.pk}/arrivals/?{query}").status_code == 400


def test_a_hundred_cost_no_more_than_one(client: Client, story: Story, count_queries: CountQueries) -> None:
    ids = [CommentFactory.create(story=story).pk for _ in range(20)]

    with count_queries() as queries:
        assert len(shown(client, story, *ids)) == 20

    assert len(queries) == 2, queries


def test_a_page_of_a_live_site_listens_and_another_does_not(client: Client, story: Story, settings: Settings) -> None:
    CommentFactory.create(story=story)
    member = PersonFactory.create()
    client.force_login(member)
    without = client.get("/newest").content.decode() + client.get(story.get_absolute_url()).content.decode()
    settings.LIVE = True

    page = client.get(f"{story.get_absolute_url()}?order=oldest").content.decode()

    assert "live.js" not in without
    assert "data-live-key" not in without
    assert f'data-live-topic="story:{story.pk}"' in page
    key = re.search(r'data-live-key="([^"]+)"', page)
    assert key
    assert keys.opened_by(key[1]) == f"viewer:{member.pk}"
    with pytest.raises(signing.BadSignature):
        keys.opened_by(key[1] + "x")


def test_the_key_is_nobody_elses(client: Client, story: Story, settings: Settings) -> None:
    settings.LIVE = True
    client.force_login(PersonFactory.create())
    client.get(story.get_absolute_url())

    assert "data-live-key" not in Client().get(story.get_absolute_url()).content.decode()
