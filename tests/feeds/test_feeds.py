"""Feeds as readers see them, through a parser that nobody here wrote, and by the rules of each format."""

import json
import re
import xml.etree.ElementTree as ElementTree
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any

import feedparser
import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.feeds.formats import FORMATS
from apps.feeds.keys import key_of
from apps.notifications.actions.telling import tell_of_comment
from apps.stories.actions import Draft, delete_story, edit_story
from tests.conftest import CountQueries
from tests.core import hostile
from tests.factories import CommentFactory, PersonFactory, StoryFactory, TagFactory
from tests.scene import Scene, build
from tests.search.indexing import index_all

SITE = "http://127.0.0.1:8000"

pytestmark = pytest.mark.django_db

TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def scene(db: None) -> Scene:
    return build(timezone.now())


def entries(client: Client, path: str) -> list[Any]:
    """What feedparser makes of it; for JSON, its items."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    if "/json/" in path:
        return list(json.loads(answer.content)["items"])
    parsed = feedparser.parse(answer.content, response_headers={"content-type": answer["Content-Type"]})
    assert not parsed.bozo, (path, parsed.get("bozo_exception"))
    return list(parsed.entries)


def named(client: Client, page: str) -> list[str]:
    """The feeds that a page names to browsers."""
    return list(map(unescape, re.findall(r'<link rel="alternate"\s+href="([^"]+)"', client.get(page).content.decode())))


def items(client: Client, path: str) -> list[dict[str, Any]]:
    return [dict(item) for item in json.loads(client.get(path).content)["items"]]


@pytest.mark.parametrize("form", FORMATS)
def test_every_list_is_a_valid_feed(client: Client, scene: Scene, form: str) -> None:
    for page in scene.pages_with_feeds():
        found = entries(client, f"/feeds/{form}{page}")
        keys = [entry["id"] for entry in found]

        assert len(set(keys)) == len(keys), page
        assert all(entry["title"] for entry in found), page


def test_every_page_leads_to_its_feeds(client: Client, scene: Scene) -> None:
    for page in [*scene.pages_with_feeds(), "/u/mia/", "/search?q=-rare+story+is:story&order=score"]:
        links = named(client, page)

        assert [link.split("/")[2] for link in links] == list(FORMATS), page
        assert all(client.get(link).status_code == 200 for link in links), page


@pytest.mark.parametrize("form", FORMATS)
def test_a_feed_has_its_type_and_holds_what_the_page_holds(client: Client, scene: Scene, form: str) -> None:
    answer = client.get(f"/feeds/{form}/newest")

    assert answer["Content-Type"] == f"{TYPES[form]}; charset=utf-8"
    titles = [entry["title"] for entry in entries(client, f"/feeds/{form}/newest")]
    assert titles == ["A locked story", scene.story.title]


def test_an_entry_says_who_wrote_what_when(client: Client, scene: Scene) -> None:
    item = items(client, "/feeds/json/d/example.org/")[0]

    assert item["id"] == f"{SITE}/s/{scene.story.pk}"
    assert item["url"] == f"{SITE}{scene.story.get_absolute_url()}"
    assert item["external_url"] == "https://example.org/a"
    assert item["content_html"] == "<p>Why I <em>wrote</em> it.</p>"
    assert item["authors"] == [{"name": "mia", "url": "http://127.0.0.1:8000/u/mia/"}]
    assert item["tags"] == ["django", "rust"]
    assert datetime.fromisoformat(item["date_published"]) == scene.story.created_at.replace(microsecond=0)


@pytest.mark.parametrize("form", ["rss", "atom"])
@pytest.mark.parametrize("text", ["", "Why I like it."])
def test_an_entry_that_leads_elsewhere_leads_to_its_comments_too(client: Client, form: str, text: str) -> None:
    story = StoryFactory.create(url="https://example.org/a", text=text, created_at=timezone.now())

    [entry] = entries(client, f"/feeds/{form}/newest")

    assert entry["link"] == "https://example.org/a"
    assert text in entry["summary"]
    assert f'<a href="{SITE}{story.get_absolute_url()}">Comments</a>' in entry["summary"]


def test_rss_keeps_the_rules_of_its_board(client: Client, scene: Scene) -> None:
    for page in scene.pages_with_feeds():
        channel = ElementTree.fromstring(client.get(f"/feeds/rss{page}").content)[0]

        for name in ("title", "link", "description"):
            assert (channel.findtext(name) or "").strip(), page
        self_link = channel.find(f"{ATOM}link")
        assert self_link is not None
        assert self_link.attrib == {"rel": "self", "href": f"{SITE}/feeds/rss{page}"}
        for item in channel.iter("item"):
            assert item.findtext("title"), page
            assert item.findtext("description"), page
            parsedate_to_datetime(item.findtext("pubDate") or "")
            guid = item.find("guid")
            assert guid is not None
            assert guid.attrib == {"isPermaLink": "false"}
            assert (item.findtext("link") or "").startswith("http")


def test_atom_has_what_its_standard_demands(client: Client, scene: Scene) -> None:
    for page in scene.pages_with_feeds():
        feed = ElementTree.fromstring(client.get(f"/feeds/atom{page}").content)

        for element in (feed, *feed.iter(f"{ATOM}entry")):
            for name in ("id", "title", "updated"):
                assert element.findtext(f"{ATOM}{name}"), (page, name)
        assert feed.find(f"{ATOM}author") is not None


def test_json_feed_keeps_its_rules(client: Client, scene: Scene) -> None:
    for page in scene.pages_with_feeds():
        feed = json.loads(client.get(f"/feeds/json{page}").content)

        assert feed["version"] == "https://jsonfeed.org/version/1.1"
        assert feed["feed_url"] == f"{SITE}/feeds/json{page}"
        assert feed["home_page_url"] == f"{SITE}{page}"
        for item in feed["items"]:
            assert isinstance(item["id"], str)
            assert item.get("content_html") or item.get("content_text")
            assert datetime.fromisoformat(item["date_published"]).tzinfo


def test_a_short_feed_has_no_texts(client: Client, scene: Scene, count_queries: CountQueries) -> None:
    with count_queries() as queries:
        found = items(client, "/feeds/json/newest?text=short")

    assert not any("content_html" in item for item in found)
    assert len(queries) == 2


def test_a_feed_goes_on_in_parts(client: Client) -> None:
    now = timezone.now()
    for minutes in range(60):
        StoryFactory.create(title=f"Minute {minutes}", created_at=now - timedelta(minutes=minutes))

    path, titles = "/feeds/json/newest?text=short", []
    while path:
        feed = json.loads(client.get(path).content)
        titles += [item["title"] for item in feed["items"]]
        path = feed.get("next_url", "").removeprefix(SITE)

    assert titles == [f"Minute {minutes}" for minutes in range(60)]


def test_an_entry_keeps_its_name_when_its_title_changes_and_says_when(client: Client) -> None:
    author, now = PersonFactory.create(), timezone.now().replace(microsecond=0)
    story = StoryFactory.create(author=author, title="Before", created_at=now)
    TagFactory.create(name="django")
    before = items(client, "/feeds/json/newest")[0]

    later = now + timedelta(minutes=1)
    edit_story(by=author, story=story, draft=Draft(title="After", text="Some text.", tags=("django",)), now=later)

    after = items(client, "/feeds/json/newest")[0]
    assert (before["title"], after["title"]) == ("Before", "After")
    assert (before["id"], before["date_published"]) == (after["id"], after["date_published"])
    assert datetime.fromisoformat(before["date_modified"]) == now
    assert datetime.fromisoformat(after["date_modified"]) == later


def test_what_is_deleted_leaves_the_feed_at_once(client: Client) -> None:
    story = StoryFactory.create(created_at=timezone.now())
    assert items(client, "/feeds/json/newest")

    assert story.author
    delete_story(by=story.author, story=story, now=timezone.now())

    assert items(client, "/feeds/json/newest") == []


def test_what_a_reader_has_is_not_sent_again(client: Client, scene: Scene) -> None:
    first = client.get("/feeds/rss/newest")

    second = client.get("/feeds/rss/newest", headers={"If-None-Match": first["ETag"]})

    assert (second.status_code, second.content) == (304, b"")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("text", hostile.HTML + hostile.MARKDOWN)
def test_hostile_texts_stay_inside_their_entry(client: Client, form: str, text: str) -> None:
    story = StoryFactory.create(title="Fine", text=text, created_at=timezone.now())
    CommentFactory.create(story=story, text=text)

    assert len(entries(client, f"/feeds/{form}/newest")) == 1
    assert len(entries(client, f"/feeds/{form}/comments/")) == 1


@pytest.mark.parametrize("path", ["/feeds/rss/newest?after=1", "/feeds/json/comments/?before=x~y"])
def test_a_damaged_address_is_refused_with_a_sentence(client: Client, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 400
    assert "damaged" in answer.content.decode()


@pytest.mark.parametrize(
    "path", ["/feeds/rdf/newest", "/feeds/rss/c/nowhere/", "/feeds/rss/t/x,y/", "/feeds/atom/u/nobody/stories/"]
)
def test_what_is_not_there_has_no_feed(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("form", FORMATS)
def test_a_search_can_be_followed(client: Client, form: str) -> None:
    story = StoryFactory.create(title="Rare walrus", created_at=timezone.now())
    CommentFactory.create(story=story, text="A walrus, indeed.")
    CommentFactory.create(story=story, text="Something else.")
    index_all()

    found = entries(client, f"/feeds/{form}/search?q=walrus")

    assert {entry["title"] for entry in found} >= {"Rare walrus"}
    assert len(found) == 2


@pytest.mark.parametrize("query", ["", "?q=", "?q=is:person%20a"])
def test_a_search_that_finds_no_entries_is_refused(client: Client, query: str) -> None:
    assert client.get(f"/feeds/rss/search{query}").status_code == 400
    assert named(client, f"/search{query}") == []


@pytest.fixture
def told() -> User:
    """Somebody who was answered."""
    person = PersonFactory.create(username="ada", password=make_password("correct horse"))
    comment = CommentFactory.create(story=StoryFactory.create(author=person), text="Well & <b>good</b>.")
    tell_of_comment(comment=comment, now=timezone.now())
    return person


@pytest.mark.parametrize("form", FORMATS)
def test_an_inbox_can_be_followed_by_its_owner_alone(client: Client, told: User, form: str) -> None:
    found = entries(client, f"/feeds/{form}/inbox/{key_of(told)}")

    assert len(found) == 1
    assert "commented on your story" in found[0]["title"]


def test_the_inbox_leads_to_its_feed(client: Client, told: User) -> None:
    client.force_login(told)

    assert f"/feeds/rss/inbox/{key_of(told)}" in client.get("/inbox").content.decode()


def test_an_inbox_is_kept_by_nobody_else_and_not_sent_twice(client: Client, told: User) -> None:
    path = f"/feeds/rss/inbox/{key_of(told)}"
    first = client.get(path)

    second = client.get(path, headers={"If-None-Match": first["ETag"]})

    assert "private" in first["Cache-Control"]
    assert (second.status_code, second.content) == (304, b"")


@pytest.mark.parametrize("key", ["", "x", "1", "1-", "-", "0-0", "99999999999999999999-ab", "1-" + "0" * 64, "²-x"])
def test_who_has_no_key_is_told_nothing(client: Client, told: User, key: str) -> None:
    assert client.get(f"/feeds/rss/inbox/{key}").status_code == 404


def test_a_new_password_makes_another_key_and_an_account_that_is_closed_has_none(client: Client, told: User) -> None:
    before = key_of(told)
    told.set_password("another horse")
    told.save(update_fields=["password"])

    assert client.get(f"/feeds/rss/inbox/{before}").status_code == 404
    assert client.get(f"/feeds/rss/inbox/{key_of(told)}").status_code == 200
    User.objects.filter(pk=told.pk).update(is_active=False)
    assert client.get(f"/feeds/rss/inbox/{key_of(told)}").status_code == 404
