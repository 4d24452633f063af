"""Flags over HTTP: the form of members, what the pages show of them, and what moderators find to look at."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.communities import actions as communities
from apps.moderation import queries
from apps.moderation.actions import flags
from apps.moderation.models import Flag
from apps.stories.models import Story
from tests.conftest import CountQueries
from tests.factories import NOW, CommentFactory, ModeratorFactory, PersonFactory, StoryFactory

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script> {{ 7*7 }} \u202e\x00 'x"
QUEUE = "/moderation/flags"


@pytest.fixture
def member(client: Client) -> User:
    person: User = PersonFactory.create()
    client.force_login(person)
    return person


def flagged(*numbers: int, **fields: Any) -> list[Story]:
    """Stories with so many flags each."""
    stories = [StoryFactory.create(**fields) for _ in numbers]
    for story, number in zip(stories, numbers, strict=True):
        for _ in range(number):
            flags.flag_story(by=PersonFactory.create(), story=story, reason="spam", now=NOW)
    return stories


def titles(client: Client, address: str = QUEUE) -> list[str]:
    return re.findall(r'flagged-title" dir="auto">.*?<a[^>]*>(.*?)</a>', page(client, address), re.DOTALL)


def page(client: Client, address: str) -> str:
    return client.get(address).content.decode()


@pytest.mark.parametrize("kind", ["s", "comments"])
def test_a_member_flags_something_and_takes_it_back(client: Client, member: User, kind: str) -> None:
    comment = CommentFactory.create()
    item = comment if kind == "comments" else comment.story
    address = f"/{kind}/{item.pk}/flag"

    sent = client.post(address, {"reason": "other", "note": "Odd."}, follow=True).content.decode()
    mine = page(client, address)
    back = client.post(address, {"undo": "1"}, follow=True).content.decode()

    assert "Thank you. The moderators will look at it." in sent
    assert f'<a href="{address}">flagged</a>' in sent
    assert "Something else. Odd." in mine
    assert f'<a href="{address}">flag</a>' in back
    assert not Flag.objects.exists()


def test_who_flagged_sees_that_a_moderator_has_looked(client: Client, member: User) -> None:
    story = StoryFactory.create()
    flags.flag_story(by=member, story=story, reason="spam", now=NOW)
    flags.settle_flags(by=ModeratorFactory.create(), item=story, now=NOW)

    text = page(client, f"/s/{story.pk}/flag")

    assert "A moderator has looked at it." in text
    assert "Take the flag back" not in text


@pytest.mark.parametrize(
    "typed", [{}, {"reason": "nothing"}, {"reason": "other"}, {"reason": "spam", "note": "x" * 201}, {"note": "x"}]
)
def test_a_flag_that_lacks_something_is_given_back_with_a_reason(
    client: Client, member: User, typed: dict[str, str]
) -> None:
    answer = client.post(f"/s/{StoryFactory.create().pk}/flag", typed)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not Flag.objects.exists()


def test_one_more_than_ones_share_is_refused_politely(
    client: Client, member: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flags, "FLAGS_A_DAY", 1)
    addresses = [f"/s/{story.pk}/flag" for story in StoryFactory.create_batch(2)]

    statuses = [client.post(address, {"reason": "spam"}).status_code for address in addresses]

    assert statuses == [302, 429]


@pytest.mark.parametrize(("who", "status"), [("author", 403), ("banned", 403), ("visitor", 302)])
def test_who_may_not_flag_finds_neither_form_nor_link(client: Client, who: str, status: int) -> None:
    story = StoryFactory.create()
    banned = PersonFactory.create(banned_until=timezone.now() + timedelta(days=1))
    if person := {"author": story.author, "banned": banned}.get(who):
        client.force_login(person)
    address = f"/s/{story.pk}/flag"

    statuses = [client.get(address).status_code, client.post(address, {"reason": "spam"}).status_code]

    assert statuses == [status, 403]
    assert (f'href="{address}"' in page(client, story.get_absolute_url())) == (who == "banned")
    assert not Flag.objects.exists()


@pytest.mark.parametrize("address", ["/s/{}/flag", "/comments/{}/flag", "/s/{}/flags/dismissal"])
@pytest.mark.parametrize("key", ["0", "99999999", "9" * 30])
def test_what_is_not_there_cannot_be_flagged(client: Client, member: User, address: str, key: str) -> None:
    assert client.post(address.format(key), {"reason": "spam"}).status_code == 404


def test_a_held_story_cannot_be_flagged_by_those_who_do_not_see_it(client: Client, member: User) -> None:
    story = StoryFactory.create(held_at=NOW)

    assert client.get(f"/s/{story.pk}/flag").status_code == 404


def test_moderators_find_what_is_flagged_most_first(client: Client) -> None:
    for title, number in (("One", 1), ("Three", 3), ("Two", 2)):
        flagged(number, title=title)
    StoryFactory.create(title="None")
    client.force_login(ModeratorFactory.create())

    assert titles(client) == ["Three", "Two", "One"]


def test_the_list_says_what_and_why_but_not_who(client: Client) -> None:
    comment = CommentFactory.create(text="Buy *now*.", story__title="Beans & rice")
    people = PersonFactory.create_batch(3)
    for person, reason, note in zip(people, ("spam", "unkind", "spam"), ("", HOSTILE, ""), strict=True):
        flags.flag_comment(by=person, comment=comment, reason=reason, note=note, now=NOW)
    client.force_login(ModeratorFactory.create())

    text = page(client, QUEUE)

    assert "Beans &amp; rice" in text
    assert "Buy now." in text
    assert re.search(r"Spam × 2.*Unkind<", text, re.DOTALL)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }} &#39;x" in text
    assert not [person for person in people if person.username in text]


def test_a_communitys_moderator_finds_what_is_flagged_there(client: Client) -> None:
    here, _ = flagged(1, title="Here", community__slug="here") + flagged(1, title="There", community__slug="there")
    flags.flag_comment(by=PersonFactory.create(), comment=CommentFactory.create(story=here), reason="unkind", now=NOW)
    person = PersonFactory.create()
    communities.appoint_moderator(person=person, community=here.community, now=NOW)
    client.force_login(person)

    assert titles(client) == ["Here", "Here"]
    assert f'href="{QUEUE}"' in page(client, "/c/here/")
    assert f'href="{QUEUE}"' not in page(client, "/c/there/")


@pytest.mark.parametrize("rights", [{}, {"is_staff": True}])
def test_others_find_nothing(client: Client, rights: dict[str, bool]) -> None:
    [story] = flagged(1)
    visitors = client.get(QUEUE).status_code, client.post(f"/s/{story.pk}/flags/dismissal").status_code
    client.force_login(PersonFactory.create(**rights))

    members = client.get(QUEUE).status_code, client.post(f"/s/{story.pk}/flags/dismissal").status_code

    assert (visitors, members) == ((302, 403), (403, 403))
    assert Flag.objects.open().exists()


def test_a_moderator_dismisses_flags_and_comes_back_to_the_list(client: Client) -> None:
    first, second = flagged(2, 1)
    comment = CommentFactory.create()
    flags.flag_comment(by=PersonFactory.create(), comment=comment, reason="unkind", now=NOW)
    client.force_login(ModeratorFactory.create())

    answers = [
        client.post(f"/s/{first.pk}/flags/dismissal", {"next": QUEUE}),
        client.post(f"/comments/{comment.pk}/flags/dismissal", {"next": QUEUE}),
    ]

    assert [answer["Location"] for answer in answers] == [QUEUE, QUEUE]
    assert titles(client) == [second.title]


def test_the_list_pages_and_needs_three_queries(
    client: Client, count_queries: CountQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 3)
    stories = [story.title for story in flagged(2, 1, 1, 1, 1)]
    client.force_login(ModeratorFactory.create())
    client.get(QUEUE)

    with count_queries() as asked:
        first = page(client, QUEUE)
    [following] = re.findall(r'href="(\?after=[^"]+)"', first)

    assert titles(client) == [stories[0], stories[4], stories[3]]
    assert titles(client, f"{QUEUE}{following}") == [stories[2], stories[1]]
    # Session, person, how many there are, and three of the list.
    assert len(asked) == 6, asked
    assert client.get(f"{QUEUE}?after=x").status_code == 400


def test_moderators_of_the_site_see_on_every_page_how_much_waits(client: Client, count_queries: CountQueries) -> None:
    moderator = ModeratorFactory.create()
    client.force_login(moderator)
    before = page(client, "/newest")
    flagged(3, 1)
    [comment] = CommentFactory.create_batch(1)
    flags.flag_comment(by=PersonFactory.create(), comment=comment, reason="spam", now=NOW)

    after = page(client, "/newest")

    assert QUEUE not in before
    assert re.search(rf'href="{QUEUE}">Flags\s*<span class="count">3<', after)
