"""The public log, the pages of acts, and what is left to see of what was removed."""

from datetime import timedelta
from urllib.parse import parse_qsl

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.comments.models import Comment
from apps.core import cursors
from apps.moderation import queries
from apps.moderation.actions import acts
from apps.moderation.models import LogEntry
from apps.stories.models import Story
from tests.conftest import CountQueries
from tests.factories import NOW, CommentFactory, ModeratorFactory, PersonFactory, StoryFactory

pytestmark = pytest.mark.django_db


def remove(item: Story | Comment, reason: str = "Spam.") -> LogEntry:
    by = ModeratorFactory.create()
    if isinstance(item, Story):
        return acts.remove_story(by=by, story=item, reason=reason, now=NOW)
    return acts.remove_comment(by=by, comment=item, reason=reason, now=NOW)


def params(link: str) -> dict[str, str]:
    return dict(parse_qsl(link.removeprefix("?")))


def text_of_page(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_the_log_is_public_and_needs_two_queries(client: Client, count_queries: CountQueries) -> None:
    items: list[Story | Comment] = [*StoryFactory.create_batch(3), *CommentFactory.create_batch(3)]
    for item in items:
        remove(item, "A reason with <b>markup</b>.")

    with count_queries() as queries_of_page:
        page = client.get(reverse("moderation:log")).content.decode()

    assert len(queries_of_page) == 2, queries_of_page
    assert page.count("A reason with &lt;b&gt;markup&lt;/b&gt;.") == 6


def test_the_log_pages_in_both_directions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 2)
    entries = [remove(story) for story in StoryFactory.create_batch(5)][::-1]

    first = queries.log(cursor=None)
    second = queries.log(cursor=cursors.parse(params(first.next), queries.NEWEST))
    again = queries.log(cursor=cursors.parse(params(second.previous), queries.NEWEST))

    assert (first.rows, second.rows, again.rows) == (entries[:2], entries[2:4], entries[:2])


@pytest.mark.parametrize("act", ["story_removal", "story_lock"])
def test_acts_ask_for_a_reason_then_happen(client: Client, act: str) -> None:
    story = StoryFactory.create()
    client.force_login(ModeratorFactory.create())
    address = reverse(f"moderation:{act}", args=[story.pk])

    asked = client.get(address)
    refused = client.post(address, {"reason": ""})
    done = client.post(address, {"reason": "Off topic."})
    undone = client.post(address, {"reason": "Not so."})

    assert [asked.status_code, refused.status_code, done.status_code, undone.status_code] == [200, 422, 302, 302]
    assert LogEntry.objects.count() == 2


def test_an_act_shows_what_it_is_about(client: Client) -> None:
    comment = CommentFactory.create(text="Buy *now*.")
    client.force_login(ModeratorFactory.create())

    page = text_of_page(client, reverse("moderation:comment_removal", args=[comment.pk]))

    assert "Buy <em>now</em>." in page
    assert comment.story.title in page


@pytest.mark.parametrize(
    ("query", "way_back"),
    [("?next=/moderation/flags", "/moderation/flags"), ("?next=https://example.com/", "/"), ("", "{comment}")],
)
def test_an_act_says_that_it_is_done_and_leads_back(client: Client, query: str, way_back: str) -> None:
    comment = CommentFactory.create()
    client.force_login(ModeratorFactory.create())

    address = reverse("moderation:comment_removal", args=[comment.pk]) + query
    answer = client.post(address, {"reason": "Spam."}, follow=True)

    assert answer.redirect_chain == [(way_back.format(comment=comment.get_absolute_url()), 302)]
    assert "You removed the comment." in answer.content.decode()


def test_the_log_names_the_story_that_a_comment_was_on(client: Client) -> None:
    comment = CommentFactory.create(story__title="Doors & hinges")
    remove(comment)

    page = text_of_page(client, reverse("moderation:log"))

    assert f'<a href="{comment.get_absolute_url()}" dir="auto">Doors &amp; hinges</a>' in page


def test_a_locked_thread_says_so_and_where_to_read_why(client: Client) -> None:
    story = StoryFactory.create(created_at=timezone.now())
    acts.lock_thread(by=ModeratorFactory.create(), story=story, reason="Enough.", now=NOW)

    page = text_of_page(client, story.get_absolute_url())

    assert "A moderator has locked it" in page


def test_a_ban_is_given_and_lifted(client: Client) -> None:
    person = PersonFactory.create()
    client.force_login(ModeratorFactory.create())
    address = reverse("moderation:ban", args=[person.username])

    refused = client.post(address, {"reason": "Abuse.", "days": "99999"})
    client.post(address, {"reason": "Abuse.", "days": "7"})
    banned = User.objects.get(pk=person.pk).is_banned(timezone.now())
    client.post(address, {"reason": "Sorry."})

    assert refused.status_code == 422
    assert banned
    assert not User.objects.get(pk=person.pk).is_banned(timezone.now())


def test_members_and_visitors_see_no_page_of_acts(client: Client) -> None:
    comment = CommentFactory.create()
    addresses = [
        reverse("moderation:story_removal", args=[comment.story_id]),
        reverse("moderation:story_lock", args=[comment.story_id]),
        reverse("moderation:comment_removal", args=[comment.pk]),
        reverse("moderation:ban", args=["administrator"]),
    ]
    PersonFactory.create(username="administrator")

    visitor = [client.get(address).status_code for address in addresses]
    client.force_login(PersonFactory.create())
    member = [client.post(address, {"reason": "Mine."}).status_code for address in addresses]

    assert visitor == [302] * 4
    assert member == [403] * 4
    assert not LogEntry.objects.exists()


def test_a_removed_story_shows_its_place_but_nothing_of_it(client: Client) -> None:
    story = StoryFactory.create(title="Buy my pills", text="Cheap pills.", url="https://pills.example/")
    remove(story)

    for viewer in (None, PersonFactory.create(), story.author):
        if viewer:
            client.force_login(viewer)
        page = text_of_page(client, story.get_absolute_url())
        assert "pills" not in page.lower().replace("buy-my-pills", "")


def test_a_removed_story_says_who_removed_it_and_why(client: Client) -> None:
    story = StoryFactory.create()
    entry = remove(story, "An <advertisement> again.")

    page = text_of_page(client, story.get_absolute_url())

    assert f"{entry.moderator}, " in page
    assert "An &lt;advertisement&gt; again." in page


def test_a_removed_comment_leaves_a_placeholder_while_it_is_answered(client: Client) -> None:
    comment = CommentFactory.create(text="Something vile.")
    CommentFactory.create(parent=comment, text="A kind answer.")
    remove(comment)

    page = text_of_page(client, comment.story.get_absolute_url())

    assert "vile" not in page
    assert "[removed by a moderator]" in page
    assert "A kind answer." in page


def test_a_removed_comments_own_page_hides_its_text(client: Client) -> None:
    comment = CommentFactory.create(text="Something vile.")
    remove(comment)

    for viewer in (None, PersonFactory.create()):
        if viewer:
            client.force_login(viewer)
        assert "vile" not in text_of_page(client, comment.get_absolute_url())


def test_a_held_story_is_for_its_author_and_moderators(client: Client) -> None:
    story = StoryFactory.create(held_at=NOW - timedelta(minutes=1))
    viewers = [PersonFactory.create(), story.author, ModeratorFactory.create()]

    answers = [client.get(story.get_absolute_url()).status_code]
    for viewer in viewers:
        assert viewer
        client.force_login(viewer)
        answers.append(client.get(story.get_absolute_url()).status_code)

    assert answers == [404, 404, 200, 200]
