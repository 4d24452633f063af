"""Members who look at the same page again: no query, and never anything that is not theirs or no longer true."""

import re

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import global_settings
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.accounts.actions import change_karma
from apps.moderation.actions.acts import ban_person, unban_person
from apps.notifications.actions.telling import tell_of_comment
from apps.pagecache import stores
from apps.stories.models import SavedStory
from tests.conftest import CountQueries
from tests.factories import CommentFactory
from tests.scene import Scene, build

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]


@pytest.fixture
def scene(redis: object) -> Scene:
    return build(timezone.now())


@pytest.fixture
def sam(scene: Scene) -> Client:
    """Somebody who has just seen the front page."""
    client = Client()
    client.force_login(scene.stranger)
    for _ in range(2):  # the first answer gives the cookie of the CSRF token
        client.get("/")
    return client


def outcome(client: Client, path: str = "/", **headers: str) -> str:
    return client.get(path, headers=headers)["Cache-Status"].rpartition("=")[2]


def test_the_same_page_again_costs_no_query_and_is_the_same(sam: Client, count_queries: CountQueries) -> None:
    first = sam.get("/")

    with count_queries() as queries:
        second = sam.get("/")

    assert first.content == second.content
    assert first.headers == second.headers
    assert b"sam" in second.content
    assert second["Cache-Control"] == "private, no-cache"
    assert "Cookie" in second["Vary"]
    assert queries == []


def test_whoever_still_has_the_page_is_only_told_so(sam: Client) -> None:
    etag = sam.get("/")["ETag"]

    again = sam.get("/", headers={"If-None-Match": etag})

    assert (again.status_code, again.content) == (304, b"")


def test_what_somebody_does_shows_at_once(sam: Client, scene: Scene) -> None:
    assert outcome(sam) == "own"

    sam.post(f"/s/{scene.story.pk}/saved")

    assert "unsave" in sam.get("/").content.decode()
    assert outcome(sam) == "own"


def test_what_somebody_does_on_another_device_shows_too(sam: Client, scene: Scene) -> None:
    phone = Client()
    phone.force_login(scene.stranger)

    phone.post(f"/s/{scene.story.pk}/vote")

    assert 'aria-pressed="true"' in sam.get("/").content.decode()


def test_what_somebody_is_told_shows_at_once(sam: Client, scene: Scene) -> None:
    assert 'class="count" hidden>' in sam.get("/").content.decode()

    tell_of_comment(comment=CommentFactory.create(parent=scene.comment, author=scene.member), now=timezone.now())

    assert 'class="count">1<' in sam.get("/").content.decode()


@pytest.mark.drifts(reason="points without votes")
def test_what_others_do_to_somebody_shows_at_once(sam: Client, scene: Scene) -> None:
    assert "Profile · 2 karma" in sam.get("/").content.decode()

    change_karma(person=scene.stranger, delta=7)

    assert "Profile · 9 karma" in sam.get("/").content.decode()


def test_whoever_is_banned_sees_it_at_once_and_no_longer_when_it_is_lifted(sam: Client, scene: Scene) -> None:
    thread, now = scene.story.get_absolute_url(), timezone.now()
    for _ in range(2):
        assert "You are banned" not in sam.get(thread).content.decode()

    ban_person(by=scene.moderator, person=scene.stranger, days=1, reason="Spam.", now=now)

    for _ in range(2):
        assert "You are banned" in sam.get(thread).content.decode()
    unban_person(by=scene.moderator, person=scene.stranger, reason="A mistake.", now=now)
    assert "You are banned" not in sam.get(thread).content.decode()


def test_a_changed_page_is_filled_anew(sam: Client, scene: Scene) -> None:
    mia = Client()
    mia.force_login(scene.member)

    mia.post(f"/s/{scene.story.pk}/deletion")

    assert scene.story.title not in sam.get("/").content.decode()


def test_nobody_else_gets_it(sam: Client, scene: Scene) -> None:
    mo = Client()
    mo.force_login(scene.moderator)
    mo.cookies["csrftoken"] = sam.cookies["csrftoken"].value

    assert outcome(mo) != "own"
    header = mo.get("/").content.decode().partition("</header>")[0]
    # Not "sam" alone: in the tokens of forms any three letters may stand.
    assert not {">sam<", "/u/sam/"} & set(re.findall(r">\w+<|/u/\w+/", header))
    assert "/u/mo/" in header
    assert outcome(Client()) == "hit"


def test_who_has_logged_out_is_a_visitor(sam: Client) -> None:
    session = sam.cookies["sessionid"].value

    sam.post("/account/logout/")
    sam.cookies["sessionid"] = session

    assert "Log in" in sam.get("/").content.decode()
    assert outcome(sam) != "own"


def test_whoever_has_stolen_a_session_is_a_visitor_once_the_password_is_reset(sam: Client, scene: Scene) -> None:
    assert outcome(sam) == "own"
    key = f"{user_pk_to_url_str(scene.stranger)}-{default_token_generator.make_token(scene.stranger)}"
    owner = Client()
    form = owner.get(f"/account/password/reset/key/{key}/")["Location"]

    owner.post(form, {"password1": "a wild sea at dusk", "password2": "a wild sea at dusk"})

    assert outcome(sam) != "own"
    assert "Log in" in sam.get("/").content.decode()


def test_other_colors_are_another_page(sam: Client) -> None:
    sam.cookies["theme"] = "dark"

    page = sam.get("/")

    assert 'data-theme="dark"' in page.content.decode()


def test_a_part_that_htmx_asks_for_is_not_the_page(sam: Client) -> None:
    assert outcome(sam, **{"HX-Request": "true"}) != "own"
    assert sam.get("/", headers={"HX-Request": "true"}).content != sam.get("/").content


def test_a_write_that_no_stamp_tells_of_is_seen_by_its_writer(
    sam: Client, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise stores.Unavailable

    with monkeypatch.context() as broken:
        broken.setattr(stores.RedisStore, "stamp", fail)
        sam.post(f"/s/{scene.story.pk}/saved")

    assert SavedStory.objects.count() == 1
    assert "unsave" in sam.get("/").content.decode()


def test_it_is_not_shown_for_longer_than_a_minute(sam: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.pagecache.own.SECONDS", 0)

    assert outcome(sam) == "hit"


def test_without_redis_pages_are_filled_each_time(scene: Scene, settings: Settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.SESSION_ENGINE = global_settings.SESSION_ENGINE
    client = Client()
    client.force_login(scene.stranger)

    outcomes = [outcome(client) for _ in range(3)]

    assert outcomes == ["miss", "hit", "hit"]
