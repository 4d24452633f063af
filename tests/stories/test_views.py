"""Pages of stories, as browsers ask for them."""

import re

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from apps.accounts.actions import mute_person
from apps.accounts.models import User
from apps.communities.models import Community
from apps.stories.actions import hide_story
from apps.stories.models import SavedStory, Story
from apps.stories.queries.lists import ORDERS, WINDOWS
from tests.conftest import CountQueries
from tests.core.hostile import ALL
from tests.factories import NOW, CommunityFactory, PersonFactory, StoryFactory, TagFactory

pytestmark = pytest.mark.django_db

FORM = {"title": "A title", "url": "https://example.org/a", "text": "", "tags": ["web"], "community": "town"}


@pytest.fixture
def town() -> Community:
    return CommunityFactory.create(slug="town")


@pytest.fixture
def stories(town: Community) -> list[Story]:
    author, tag = PersonFactory.create(username="ann"), TagFactory.create(name="web")
    return [
        StoryFactory.create(url=f"https://a.example/{n}", author=author, community=town, tags=(tag,)) for n in range(30)
    ]


@pytest.fixture
def member(client: Client) -> User:
    person = PersonFactory.create(username="member")
    client.force_login(person)
    return person


@pytest.mark.parametrize(
    ("address", "num_queries"),
    [("/", 2), ("/c/town/", 3), ("/t/web/", 4), ("/d/a.example/", 2), ("/u/ann/stories/", 3)],
)
def test_a_visitor_reads_every_order_of_every_list_in_few_queries(
    client: Client, count_queries: CountQueries, stories: list[Story], address: str, num_queries: int
) -> None:
    for order in ["", *ORDERS, *(f"top/{window}" for window in WINDOWS)]:
        with count_queries() as asked:
            response = client.get(f"{address}{order}")

        assert response.status_code == 200, order
        assert len(asked) <= num_queries, asked


def test_a_longer_list_asks_a_member_no_more_questions(
    client: Client, count_queries: CountQueries, member: User, stories: list[Story], settings: Settings
) -> None:
    settings.PAGECACHE = False
    numbers = []
    for _ in range(2):
        with count_queries() as asked:
            client.get("/newest")
        numbers.append(len(asked))
        Story.objects.filter(pk__gt=stories[1].pk).update(removed_at=NOW)

    assert numbers[0] == numbers[1] <= 8


def test_the_next_page_begins_where_the_first_ends(client: Client, stories: list[Story]) -> None:
    first = client.get("/newest").content.decode()

    link = next(part.split('"')[0] for part in first.split('href="')[1:] if "after=" in part)
    second = client.get(f"/newest{link[link.index('?') :]}").content.decode()

    shown = [[story for story in stories if f">{story.title}<" in page] for page in (first, second)]
    assert shown == [stories[5:], stories[:5]]


@pytest.mark.parametrize("query", ["?after=x", "?after=", "?before=1~", "?after=nan~1", "?after=9~\x00"])
def test_a_damaged_address_is_answered_with_a_sentence(client: Client, query: str) -> None:
    response = client.get(f"/{query}")

    assert response.status_code == 400
    assert "damaged" in response.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/c/none/",
        "/t/none/",
        "/u/nobody/stories/",
        "/top/decade",
        "/s/999/rank",
        "/t/%00/",
        "/u/%00/stories/",
        "/d/%00/",
    ],
)
def test_what_is_not_there_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_submitting_leads_to_the_new_story(client: Client, member: User, town: Community) -> None:
    TagFactory.create(name="web")

    response = client.post("/submit", FORM)

    story = Story.objects.get()
    assert (response.status_code, response["Location"]) == (302, story.get_absolute_url())
    assert story.author == member


@pytest.mark.parametrize("source", ALL)
def test_a_refused_form_gives_back_what_was_typed_and_nothing_acts(
    client: Client, member: User, town: Community, source: str
) -> None:
    typed = source.replace("\x00", "")[:3000].encode(errors="replace").decode()

    response = client.post("/submit", FORM | {"title": typed, "text": typed, "url": typed, "tags": ["none"]})

    page = response.content.decode()
    assert response.status_code == 422
    for attack in ("<script>alert", "<img src=x", "<svg/onload", "<iframe", "<form action=https", "</textarea><img"):
        assert attack not in page
    assert not Story.objects.exists()


@pytest.mark.drifts(reason="younger than its rank")
def test_a_known_link_leads_to_its_discussion(client: Client, member: User, stories: list[Story]) -> None:
    Story.objects.update(created_at=timezone.now())

    response = client.post("/submit", FORM | {"url": "https://www.a.example/3?utm_source=x"})

    assert response.status_code == 422
    assert stories[3].get_absolute_url() in response.content.decode()
    assert stories[3].title in client.get("/submit/duplicate", {"url": "https://a.example/3"}).content.decode()


def test_a_visitor_is_sent_to_log_in_and_writes_nothing(client: Client, town: Community) -> None:
    story = StoryFactory.create()

    assert client.get("/submit")["Location"].startswith("/account")
    for address in ("/submit", f"/s/{story.pk}/edit", f"/s/{story.pk}/deletion", f"/s/{story.pk}/saved"):
        assert client.post(address, FORM).status_code == 403
    assert (Story.objects.count(), SavedStory.objects.count()) == (1, 0)


@pytest.fixture
def unwanted(stories: list[Story], member: User) -> set[int]:
    """Of 30 stories on a.example in town, tagged web, one that is hidden and all that are by its author."""
    other = StoryFactory.create(community=stories[0].community, tags=stories[0].tags.all())
    assert other.author
    hide_story(by=member, story=stories[-1], now=NOW)
    mute_person(by=member, person=other.author, now=NOW)
    return {stories[-1].pk, other.pk}


def hidden_rows(page: str) -> set[int]:
    return {int(pk) for pk in re.findall(r'<li class="story"\s+id="s(\d+)" hidden>', page)}


@pytest.mark.parametrize("address", ["/", "/newest", "/top/all", "/c/town/"])
def test_rows_that_a_member_does_not_want_are_hidden_from_nobody_else(
    client: Client, unwanted: set[int], address: str
) -> None:
    members_page = client.get(address).content.decode()
    visitors_page = Client().get(address).content.decode()

    assert hidden_rows(members_page) == unwanted
    assert hidden_rows(visitors_page) == set()
    assert all(f'id="s{pk}"' in visitors_page for pk in unwanted)


@pytest.mark.parametrize("address", ["/t/web/", "/d/a.example/", "/u/ann/stories/", "/hidden"])
def test_who_asks_for_a_tag_a_site_a_person_or_hidden_stories_sees_them(
    client: Client, unwanted: set[int], address: str
) -> None:
    page = client.get(address).content.decode()

    assert '<li class="story"' in page
    assert hidden_rows(page) == set()


def test_saving_takes_a_post_and_returns_to_the_list(client: Client, member: User) -> None:
    story = StoryFactory.create()
    address = f"/s/{story.pk}/saved"

    assert client.get(address).status_code == 405
    assert client.post(address, {"next": "/newest"})["Location"] == f"/newest#s{story.pk}"
    assert client.post(address, {"next": "https://evil.example/"})["Location"] == f"/#s{story.pk}"
    assert story.title in client.get("/saved").content.decode()
    client.post(address, {"undo": "1"})
    assert story.title not in client.get("/saved").content.decode()


def test_the_rank_of_a_story_is_explained(client: Client) -> None:
    story = StoryFactory.create(tags=(TagFactory.create(name="web", hotness_mod=0.5),))

    page = client.get(f"/s/{story.pk}/rank").content.decode()

    assert "web" in page
