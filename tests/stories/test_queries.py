"""Lists: the right stories in the right order, in few queries."""

import random
from collections.abc import Callable
from datetime import timedelta
from operator import attrgetter

import pytest
from django.http import QueryDict

from apps.accounts.actions import mute_person
from apps.accounts.models import User
from apps.communities.actions import mute_tag
from apps.core.cursors import parse
from apps.stories import actions
from apps.stories.models import Story
from apps.stories.queries import lists, own
from apps.stories.queries.lists import ORDERS, RARE, WINDOWS, Listing
from apps.stories.queries.rows import StoryRow, story_row
from tests.conftest import CountQueries
from tests.factories import NOW, CommunityFactory, PersonFactory, StoryFactory, TagFactory

pytestmark = pytest.mark.django_db

KINDS = [(order, "all") for order in ORDERS if order != "top"] + [("top", window) for window in WINDOWS]
SCOPES = ["site", "community", "one tag", "two tags", "domain", "person"]


@pytest.fixture
def town() -> list[Story]:
    """A site of 60 stories with many ties, some gone, spread over 400 days with most in the last hours."""
    chance = random.Random(7)
    places = [CommunityFactory.create(slug=slug) for slug in ("town", "village")]
    people = [PersonFactory.create(username=name) for name in ("ann", "bob", "cyd")]
    tags = [TagFactory.create(name=name) for name in ("web", "law", "art")]
    gone: list[dict[str, object]] = [{}] * 8 + [{"removed_at": NOW}, {"deleted_at": NOW}, {"held_at": NOW}]
    return [
        StoryFactory.create(
            community=chance.choice(places),
            author=chance.choice(people),
            url=f"https://{chance.choice(('a', 'b'))}.example/{n}",
            tags=tuple(chance.sample(tags, chance.randint(1, 2))),
            created_at=NOW - timedelta(hours=chance.choice([0, 1, 5, 5, 11, 20, 100, 400, 5000, 9000]), minutes=1),
            base_ups=chance.choice([1, 1, 2, 3]),
            base_flags=chance.choice([0, 0, 1, 2]),
            num_comments=chance.randint(0, 3),
            **chance.choice(gone),
        )
        for n in range(60)
    ]


def scoped(scope: str) -> tuple[Listing, Callable[[Story], bool]]:
    """The list's parameters, and which stories belong there."""
    web, law = TagFactory.create(name="web"), TagFactory.create(name="law")
    match scope:
        case "community":
            place = CommunityFactory.create(slug="village")
            return Listing(community=place), lambda story: story.community == place
        case "one tag":
            return Listing(tags=(web,)), lambda story: web in story.tags.all()
        case "two tags":
            return Listing(tags=(web, law)), lambda story: not {web, law}.isdisjoint(story.tags.all())
        case "domain":
            return Listing(domain="a.example"), lambda story: story.domain == "a.example"
        case "person":
            ann = User.objects.get(username="ann")
            return Listing(person=ann), lambda story: story.author == ann
    return Listing(), lambda story: True


def belongs(story: Story, order: str, window: str) -> bool:
    """What an order leaves out, said anew."""
    if story.removed_at or story.deleted_at or story.held_at:
        return False
    age = NOW - story.created_at
    match order:
        case "hottest":
            return story.score >= 0
        case "rising":
            return age <= timedelta(hours=12) and story.ups > 1
        case "controversial":
            return story.ups > 0 and story.flags > 0
        case "top":
            span = WINDOWS[window]
            return span is None or age <= span
    return True


def walked(listing: Listing) -> list[StoryRow]:
    """All rows of a list, page by page."""
    rows: list[StoryRow] = []
    link = ""
    while True:
        cursor = parse(QueryDict(link.removeprefix("?")).dict(), listing.keys)
        page = lists.listing(listing, cursor=cursor, now=NOW)
        rows += page.rows
        link = page.next
        if not link:
            return rows


def ids(rows: list[StoryRow]) -> list[int]:
    return [row.id for row in rows]


FIELDS = {
    "hottest": "hotness",
    "newest": "created_at",
    "active": "active_at",
    "top": "score",
    "rising": "ups",
    "controversial": "controversy",
    "most-commented": "num_comments",
}


@pytest.mark.drifts(reason="counts made up for the order")
@pytest.mark.parametrize(
    ("scope", "few"), [*((scope, RARE) for scope in SCOPES), ("one tag", 3), ("two tags", 3), ("two tags", 40)]
)
def test_each_list_has_its_stories_in_its_order(
    town: list[Story], scope: str, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "RARE", few)
    plain, is_in = scoped(scope)
    for order, window in KINDS:
        listing = Listing(order, window, plain.community, plain.tags, plain.domain, plain.person)
        expected = [story for story in town if is_in(story) and belongs(story, order, window)]
        expected.sort(key=attrgetter(FIELDS[order], "pk"), reverse=True)

        rows = walked(listing)

        assert ids(rows) == [story.pk for story in expected], (order, window)
        assert rows or order == "rising" or window == "hour"


@pytest.mark.drifts(reason="counts made up for the order")
@pytest.mark.parametrize("scope", SCOPES)
def test_a_list_takes_two_queries_and_one_more_for_tags(
    town: list[Story], count_queries: CountQueries, scope: str
) -> None:
    plain, _ = scoped(scope)
    for order, window in KINDS:
        listing = Listing(order, window, plain.community, plain.tags, plain.domain, plain.person)
        with count_queries() as asked:
            lists.listing(listing, cursor=None, now=NOW)

        assert len(asked) == (3 if plain.tags else 2)


@pytest.mark.drifts(reason="counts made up for the order")
def test_a_row_tells_what_a_list_shows() -> None:
    tags = (TagFactory.create(name="web"), TagFactory.create(name="art"))
    story = StoryFactory.create(url="https://a.example/x", tags=tags, base_ups=5, num_comments=2)

    (row,) = walked(Listing())

    assert story.author
    assert row == story_row(story, ("art", "web"))
    assert (row.author, row.community, row.domain, row.score) == (story.author.username, "town", "a.example", 5)


def test_a_story_of_an_erased_person_is_listed_without_a_name() -> None:
    StoryFactory.create(author=None)

    (row,) = walked(Listing())

    assert (row.author, row.author_id) == ("", None)


@pytest.fixture
def member() -> User:
    return PersonFactory.create(username="member")


def test_what_a_member_has_hidden_or_muted_is_not_wanted(member: User, count_queries: CountQueries) -> None:
    law = TagFactory.create(name="law")
    kept = StoryFactory.create(url="https://a.example/1", tags=(TagFactory.create(name="web"),))
    hidden, by_muted = StoryFactory.create(), StoryFactory.create()
    tagged, linked = StoryFactory.create(tags=(law,)), StoryFactory.create(url="https://b.example/1")
    assert by_muted.author
    for story in (hidden, linked):
        actions.hide_story(by=member, story=story, now=NOW)
    mute_person(by=member, person=by_muted.author, now=NOW)
    mute_tag(by=member, tag=law, now=NOW)
    actions.mute_domain(by=member, domain="b.example", now=NOW)
    stories = [kept.pk, hidden.pk, by_muted.pk, tagged.pk, linked.pk]

    with count_queries() as asked:
        unwanted = own.unwanted(member, stories)

    assert unwanted == set(stories) - {kept.pk}
    assert len(asked) == 1
    assert own.unwanted(member, stories[:2]) == {hidden.pk}
    assert own.unwanted(PersonFactory.create(), stories) == set()


def test_a_story_that_a_lagging_server_does_not_know_yet_is_wanted(member: User) -> None:
    assert own.unwanted(member, [999]) == set()


def test_saved_and_hidden_stories_are_listed_last_kept_first(member: User, count_queries: CountQueries) -> None:
    stories = [StoryFactory.create() for _ in range(3)]
    for minute, story in enumerate(stories):
        actions.save_story(by=member, story=story, now=NOW + timedelta(minutes=minute))
        actions.hide_story(by=member, story=story, now=NOW + timedelta(minutes=minute))
    Story.objects.filter(pk=stories[1].pk).update(removed_at=NOW)

    for kept in (own.saved_stories, own.hidden_stories):
        with count_queries() as asked:
            page = kept(member, cursor=None)

        assert ids(page.rows) == [stories[2].pk, stories[0].pk]
        assert len(asked) == 3
        assert kept(PersonFactory.create(), cursor=None).rows == []


def test_the_marks_of_a_page_are_those_of_its_stories(member: User, count_queries: CountQueries) -> None:
    saved, hidden, both, neither = (StoryFactory.create() for _ in range(4))
    for story in (saved, both):
        actions.save_story(by=member, story=story, now=NOW)
    for story in (hidden, both):
        actions.hide_story(by=member, story=story, now=NOW)

    with count_queries() as asked:
        found = own.marks(member, [saved.pk, hidden.pk, both.pk, neither.pk])

    assert found == ({saved.pk, both.pk}, {hidden.pk, both.pk})
    assert len(asked) == 1
    assert own.marks(member, [neither.pk]) == (set(), set())
    assert own.marks(PersonFactory.create(), [both.pk]) == (set(), set())
