"""Every page of the site as everybody sees it: with and without the cache the same, and nothing of anybody else's."""

import re
from collections import Counter
from datetime import datetime

import pytest
from django.middleware.csrf import _does_token_match  # type: ignore[attr-defined]  # the stubs lack it
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.accounts.models import User
from apps.stories.actions import hide_story, mute_domain, save_story
from apps.votes.actions import cast_comment_vote, cast_story_vote
from tests.factories import ModeratorFactory, PersonFactory
from tests.scene import Scene, build

pytestmark = [pytest.mark.django_db, pytest.mark.long]

# Links that a crawl follows: to pages of this site, without what only asks or ends something.
LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)')
NOT_FOLLOWED = re.compile(r"^/(static|admin|account)/|/ban$")
# Pages that differ by a number alone are alike, and feeds by whose they are: of each kind so many are enough.
NUMBER, WHOSE = re.compile(r"\d+"), re.compile(r"(?<=/u/)[^/]+")
ENOUGH = 2
# What is somebody's on a page: the name on their menu, the buttons of their votes, their forms' token.
MENU = re.compile(r'menu-person">\s*([\w-]+)')
PRESSED = re.compile(r'id="(\w+)-vote"[^>]*aria-pressed="true"')
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The moment of all that a test does."""
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    return now


@pytest.fixture
def scene(now: datetime) -> Scene:
    return build(now)


@pytest.fixture
def readers(scene: Scene, now: datetime) -> dict[str, User]:
    """People whose names stand on no page, and who have done this and that."""
    ada, bo = PersonFactory.create(username="reader-ada"), PersonFactory.create(username="reader-bo")
    cast_story_vote(by=ada, story=scene.story, now=now)
    cast_comment_vote(by=bo, comment=scene.comment, now=now)
    save_story(by=bo, story=scene.story, now=now)
    hide_story(by=ada, story=scene.locked, now=now)
    mute_domain(by=bo, domain="example.org", now=now)
    moderator = ModeratorFactory.create(username="reader-mo")
    operator = PersonFactory.create(username="reader-op", is_staff=True, is_superuser=True)
    return {person.username: person for person in (ada, bo, moderator, operator)}


@pytest.fixture
def voted(readers: dict[str, User], scene: Scene) -> dict[str, str]:
    """The key of what each of them has voted for."""
    return {"reader-ada": f"s{scene.story.pk}", "reader-bo": f"c{scene.comment.pk}"}


@pytest.fixture
def clients(readers: dict[str, User], scene: Scene) -> dict[str, Client]:
    """A browser for each of them, for an author and for a visitor, by the viewer's name."""
    clients = {"": Client()}
    for person in (*readers.values(), scene.member):
        clients[person.username] = Client()
        clients[person.username].force_login(person)
    return clients


@pytest.fixture(params=["redis_store", "memory_store"])
def caches(request: pytest.FixtureRequest) -> None:
    """Each kind of store."""
    request.getfixturevalue(request.param)


@pytest.mark.usefixtures("caches")
def test_a_cached_page_is_to_the_byte_what_an_uncached_one_is(
    scene: Scene, clients: dict[str, Client], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each answer masks the token anew.
    monkeypatch.setattr("django.middleware.csrf._mask_cipher_secret", lambda secret: secret)
    differing, unshared = [], []

    for path in scene.public_pages():
        for name, client in clients.items():
            settings.PAGECACHE = False
            plain = client.get(path)
            settings.PAGECACHE = True
            cached = [client.get(path) for _ in range(3)]
            differing += [(path, name) for page in cached if page.content != plain.content]
            unshared += [path for page in cached[1:] if "hit" not in page.get("Cache-Status", "")]

    assert differing == []
    assert {path for path in unshared if not path.startswith("/account/")} == set()


@pytest.mark.usefixtures("caches")
def test_no_answer_holds_anything_of_anybody_else(clients: dict[str, Client], voted: dict[str, str]) -> None:
    # Cold: whoever comes first has each page rendered.
    first = {name: crawl(client, name, voted.get(name, "")) for name, client in clients.items()}
    # Warm: everybody right after everybody else.
    everything = sorted(set().union(*(pages for pages, _ in first.values())))
    second = {
        name: [leak for path in everything for leak in look(client, name, voted.get(name, ""), path)[1]]
        for name, client in clients.items()
    }

    assert {name: leaks for name, (_, leaks) in first.items() if leaks} == {}
    assert {name: leaks for name, leaks in second.items() if leaks} == {}
    assert len(everything) > 400
    own = clients["reader-ada"].get("/").content.decode()
    assert (MENU.findall(own), PRESSED.findall(own)) == (["reader-ada"], [voted["reader-ada"]])


def crawl(client: Client, name: str, voted: str) -> tuple[set[str], list[str]]:
    """Every kind of page that links lead this viewer to, and what was wrong on the way."""
    found, waiting, wrong, kinds = {"/"}, ["/"], [], Counter[str]()
    while waiting:
        text, leaks = look(client, name, voted, waiting.pop())
        wrong += leaks
        for link in sorted(set(LINK.findall(text.replace("&amp;", "&"))) - found):
            if not NOT_FOLLOWED.search(link) and kinds[kind(link)] < ENOUGH:
                kinds[kind(link)] += 1
                found.add(link)
                waiting.append(link)
    return found, wrong


def kind(path: str) -> str:
    """The same for pages that are alike."""
    return NUMBER.sub("N", WHOSE.sub("*", path) if path.startswith("/feeds/") else path)


def look(client: Client, name: str, voted: str, path: str) -> tuple[str, list[str]]:
    """A page, and what on it is not this viewer's: menu, votes, marks, the token of the forms, cookies."""
    answer = client.get(path)
    text = answer.content.decode(errors="replace")
    leaks = [f"{path}: the menu of {owner}" for owner in MENU.findall(text) if owner != name]
    leaks += [f"{path}: the vote on {key}" for key in PRESSED.findall(text) if key != voted]
    leaks += [f"{path}: a saved story" for _ in re.findall(r">\s*unsave\s*<", text) if name != "reader-bo"]
    secret = client.cookies["csrftoken"].value if "csrftoken" in client.cookies else ""
    leaks += [f"{path}: a token" for token in TOKEN.findall(text) if not _does_token_match(token, secret)]
    leaks += [f"{path}: a session" for cookie in answer.cookies if cookie == "sessionid" and answer.status_code == 200]
    return text, leaks
