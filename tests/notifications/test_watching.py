"""Buttons to watch and to mute, through the addresses they lead to."""

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.notifications.models import PersonWatch, StoryWatch, TagWatch
from apps.stories.models import Story
from tests.factories import PersonFactory, StoryFactory, TagFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client: Client) -> User:
    person = PersonFactory.create(username="sam")
    client.force_login(person)
    return person


@pytest.fixture
def story() -> Story:
    return StoryFactory.create(author=PersonFactory.create(username="mia"), tags=(TagFactory.create(name="rust"),))


def state(reader: User) -> list[bool]:
    """Whether the stories that this person has chosen about are muted."""
    return list(StoryWatch.objects.filter(user=reader).values_list("is_mute", flat=True))


def test_a_story_is_watched_or_muted_or_neither(client: Client, reader: User, story: Story) -> None:
    states = []
    for path, typed in (
        ("watch", {}),
        ("watch", {}),
        ("mute", {}),
        ("mute", {}),
        ("watch", {}),
        ("watch", {"undo": 1}),
    ):
        client.post(f"/s/{story.pk}/{path}", typed)
        states.append(state(reader))

    assert states == [[False], [False], [True], [True], [False], []]


def test_the_buttons_say_what_they_do_now(client: Client, reader: User, story: Story) -> None:
    texts = []
    for path in ("", "watch", "mute"):
        if path:
            client.post(f"/s/{story.pk}/{path}")
        texts.append(client.get(story.get_absolute_url()).content.decode())

    words = [
        [word for word in (">watch<", ">unwatch<", ">mute thread<", ">unmute thread<") if word in t] for t in texts
    ]
    assert words == [[">watch<", ">mute thread<"], [">unwatch<", ">mute thread<"], [">watch<", ">unmute thread<"]]


def test_htmx_gets_the_buttons_only(client: Client, reader: User, story: Story) -> None:
    part = client.post(f"/s/{story.pk}/watch", headers={"HX-Request": "true"}).content.decode()

    assert ">unwatch<" in part
    assert "<html" not in part


def test_a_tag_is_watched_on_its_page(client: Client, reader: User, story: Story) -> None:
    assert ">Watch</button>" in client.get("/t/rust/").content.decode()

    for _ in range(2):
        client.post("/t/rust/watch", {"next": "/t/rust/"})
    assert ">Unwatch</button>" in client.get("/t/rust/").content.decode()

    client.post("/t/rust/watch", {"undo": "1"})
    assert not TagWatch.objects.exists()


def test_a_person_is_watched_on_their_page(client: Client, reader: User, story: Story) -> None:
    assert ">Watch</button>" in client.get("/u/mia/").content.decode()

    for _ in range(2):
        client.post("/u/mia/watch", {"next": "/u/mia/"})
    assert ">Unwatch</button>" in client.get("/u/mia/").content.decode()

    client.post("/u/mia/watch", {"undo": "1"})
    assert not PersonWatch.objects.exists()


def test_nobody_watches_oneself(client: Client, reader: User) -> None:
    assert client.post("/u/sam/watch").status_code == 400
    assert ">Watch</button>" not in client.get("/u/sam/").content.decode()


@pytest.mark.parametrize("path", ["/s/999/watch", "/s/999/mute", "/t/nothing/watch", "/u/nobody/watch"])
def test_what_is_not_there_cannot_be_watched(client: Client, reader: User, path: str) -> None:
    assert client.post(path).status_code == 404


@pytest.mark.parametrize("path", ["/s/{}/watch", "/s/{}/mute", "/t/rust/watch", "/u/mia/watch"])
def test_visitors_watch_nothing(client: Client, story: Story, path: str) -> None:
    assert client.post(path.format(story.pk)).status_code == 403
    assert [model.objects.count() for model in (StoryWatch, TagWatch, PersonWatch)] == [0, 0, 0]
