"""Reads by the API: what visitors and members see, parts of it, pages of it, and whole threads."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from apps.comments import actions
from apps.comments.models import Comment
from apps.comments.queries.rows import ORDERS
from apps.moderation.actions.acts import remove_story
from apps.stories.actions import delete_story, hide_story, save_story
from apps.stories.models import Story
from apps.votes.actions import cast_story_vote
from tests.api.conftest import Program, send
from tests.comments.forest import grow
from tests.conftest import CountQueries
from tests.factories import NOW, CommentFactory, PersonFactory, StoryFactory
from tests.scene import Scene
from tests.search.indexing import index_all

pytestmark = pytest.mark.django_db


def open_link(client: Client, address: str) -> Any:
    parts = urlsplit(address)
    return client.get(f"{parts.path}?{parts.query}").json()


def test_a_member_sees_their_own_marks_and_a_visitor_none(scene: Scene, program: Program, client: Client) -> None:
    now, sam = timezone.now(), scene.stranger
    cast_story_vote(by=sam, story=scene.story, now=now)
    save_story(by=sam, story=scene.story, now=now)
    hide_story(by=sam, story=scene.locked, now=now)

    own = {item["id"]: item["viewer"] for item in send(program(sam), "get", "stories").json()["items"]}
    visitors = [item["viewer"] for item in send(client, "get", "stories").json()["items"]]

    assert {mark for mark, is_set in own[scene.story.pk].items() if is_set} == {"voted", "saved"}
    assert {mark for mark, is_set in own[scene.locked.pk].items() if is_set} == {"hidden", "unwanted"}
    assert visitors == [None, None]


def test_a_visitors_answer_comes_from_the_cache_and_a_members_costs_eight_queries(
    scene: Scene, mias: Client, client: Client, count_queries: CountQueries
) -> None:
    for reader in (mias, client):
        send(reader, "get", "stories")

    with count_queries() as by_visitor:
        kept = send(client, "get", "stories")
    with count_queries() as by_member:
        own = send(mias, "get", "stories")

    assert "hit" in kept["Cache-Status"]
    assert "Cache-Status" not in own
    assert own["Cache-Control"] == "private, no-cache"
    assert (by_visitor, len(by_member)) == ([], 8)


def test_a_change_is_seen_at_once_in_what_is_kept(scene: Scene, client: Client) -> None:
    before = send(client, "get", f"stories/{scene.story.pk}").json()

    remove_story(by=scene.moderator, story=scene.story, reason="Why.", now=timezone.now())
    after = send(client, "get", f"stories/{scene.story.pk}").json()

    assert (before["removed_at"], after["removed_at"] is None) == (None, False)


def test_answers_hold_the_fields_that_were_asked_for(scene: Scene, mias: Client, client: Client) -> None:
    for reader in (mias, client):
        page = send(reader, "get", "stories?fields=title,id").json()
        one = send(reader, "get", f"stories/{scene.story.pk}?fields=markdown").json()

        assert [set(item) for item in page["items"]] == [{"id", "title"}] * 2
        assert one == {"markdown": "Why I *wrote* it."}


def test_a_story_comes_with_what_is_known_of_its_link_and_a_gone_one_without(
    scene: Scene, mias: Client, client: Client
) -> None:
    card = {"title": "Of doors", "description": "Why they open, and shut.", "site_name": "", "image": ""}

    for reader in (mias, client):
        found = [send(reader, "get", f"stories/{story.pk}").json()["preview"] for story in (scene.story, scene.locked)]
        assert found == [card | {"width": 0, "height": 0}, None]
    delete_story(by=scene.member, story=scene.story, now=timezone.now())
    assert send(client, "get", f"stories/{scene.story.pk}").json()["preview"] is None


def test_things_are_fetched_by_their_ids_in_the_order_asked_for(scene: Scene, client: Client) -> None:
    gone = StoryFactory.create()
    remove_story(by=scene.moderator, story=gone, reason="Why.", now=timezone.now())
    wanted = f"{scene.locked.pk},{gone.pk},999999,{scene.story.pk}"

    stories = send(client, "get", f"stories?ids={wanted}").json()["items"]
    comments = send(client, "get", f"comments?ids={scene.reply.pk},{scene.comment.pk}").json()["items"]

    assert [item["id"] for item in stories] == [scene.locked.pk, scene.story.pk]
    assert [item["id"] for item in comments] == [scene.reply.pk, scene.comment.pk]


def test_a_link_tells_what_is_there_about_its_page(scene: Scene, mias: Client, client: Client) -> None:
    StoryFactory.create(url="https://example.org/b")
    old, new = (
        StoryFactory.create(url="https://www.example.org/door/?b=2&a=1", created_at=NOW - timedelta(days=days))
        for days in (400, 40)
    )
    gone = StoryFactory.create(url=new.url)
    remove_story(by=scene.moderator, story=gone, reason="Why.", now=timezone.now())

    for reader in (mias, client):
        same = quote("http://example.org/door?a=1&b=2&utm_source=x#top", safe="")
        assert [item["id"] for item in send(reader, "get", f"stories?url={same}").json()["items"]] == [new.pk, old.pk]
        assert send(reader, "get", "stories?url=https://example.org/nothing").json()["items"] == []
        for asked, code in (
            ("url=javascript:alert(1)", "bad-link"),
            ("url=", "invalid"),
            (f"ids=1&url={same}", "invalid"),
        ):
            refused = send(reader, "get", f"stories?{asked}")
            assert (refused.status_code, refused.json()["code"], [*refused.json()["errors"]]) == (400, code, ["url"])


def test_pages_lead_on_and_back(scene: Scene, client: Client) -> None:
    now = timezone.now()
    for minutes in range(60):
        StoryFactory.create(created_at=now - timedelta(minutes=minutes))

    first = send(client, "get", "stories?order=newest&fields=id").json()
    second = open_link(client, first["next"])
    third = open_link(client, second["next"])
    back = open_link(client, third["previous"])

    ids = [item["id"] for page in (first, second, third) for item in page["items"]]
    assert len(ids) == len(set(ids)) == 62
    assert back["items"] == second["items"]
    assert (first["previous"], third["next"]) == (None, None)


def test_of_what_is_gone_only_the_place_is_told(scene: Scene, mias: Client, client: Client) -> None:
    now = timezone.now()
    remove_story(by=scene.moderator, story=scene.locked, reason="Why.", now=now)
    delete_story(by=scene.member, story=scene.story, now=now)

    for story in (scene.locked, scene.story):
        for reader in (mias, client):
            found = send(reader, "get", f"stories/{story.pk}").json()
            told = {name: found[name] for name in ("title", "url", "domain", "html", "markdown", "author", "tags")}
            assert told == {
                "title": "",
                "url": "",
                "domain": "",
                "html": "",
                "markdown": "",
                "author": None,
                "tags": [],
            }
            assert story.slug not in found["page"]
    removed = Comment.objects.get(removed_at__isnull=False)
    one = send(client, "get", f"comments/{removed.pk}").json()
    thread = send(client, "get", f"stories/{scene.story.pk}/comments").json()["items"]
    assert [(item["html"], item["author"]) for item in [one, *thread] if item["id"] == removed.pk] == [("", None)] * 2


def test_a_held_story_is_shown_to_its_author_and_to_moderators(scene: Scene, mias: Client, program: Program) -> None:
    Story.objects.filter(pk=scene.story.pk).update(held_at=timezone.now())
    readers = [mias, program(scene.moderator), program(scene.stranger), program()]

    assert [send(reader, "get", f"stories/{scene.story.pk}").status_code for reader in readers] == [200, 200, 404, 404]
    assert send(program(), "get", f"stories?ids={scene.story.pk}").json()["items"] == []
    assert send(program(), "get", f"comments?ids={scene.comment.pk}").json()["items"] == []


def walk(client: Client, story: Story, query: str) -> Iterator[list[int]]:
    """The ids of each answer on the way through the whole thread."""
    waiting = [f"/api/v1/stories/{story.pk}/comments?{query}"]
    while waiting:
        answer = open_link(client, waiting.pop())
        yield [item["id"] for item in answer["items"]]
        waiting += [cut["next"] for cut in answer["cuts"]]
        waiting += [answer["next"]] if answer["next"] else []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    size=st.integers(1, 40),
    roots=st.sampled_from([0.0, 0.3, 1.0]),
    seed=st.integers(0, 1000),
    order=st.sampled_from(sorted(ORDERS)),
    depth=st.integers(1, 5),
    width=st.integers(1, 4),
    limit=st.integers(1, 12),
)
def test_a_walk_meets_each_comment_once_whatever_is_cut(
    client: Client, size: int, roots: float, seed: int, order: str, depth: int, width: int, limit: int
) -> None:
    story = StoryFactory.create()
    ids = [comment.pk for comment in grow(story, PersonFactory.create(), size, roots=roots, seed=seed)]

    answers = list(walk(client, story, f"order={order}&depth={depth}&width={width}&limit={limit}&fields=id"))

    found = [pk for answer in answers for pk in answer]
    assert sorted(found) == sorted(ids)
    assert max(map(len, answers)) <= limit


def test_ten_thousand_comments_are_walked_completely_while_new_ones_arrive(
    scene: Scene, client: Client, settings: Settings
) -> None:
    # Each answer is made anew, as for a program that comes at another moment.
    settings.PAGECACHE = False
    story = StoryFactory.create(created_at=timezone.now())
    ids = {comment.pk for comment in grow(story, scene.member, 10_000)}
    found: list[int] = []

    for number, answer in enumerate(walk(client, story, "order=newest&width=100&limit=500&fields=id")):
        found += answer
        if number % 25 == 0:
            parent = Comment.objects.get(pk=answer[-1])
            author = scene.stranger
            actions.post_comment(by=author, story=story, parent=parent, text=f"Late {number}", now=timezone.now())

    assert len(found) == len(set(found))
    assert ids <= set(found)


def test_a_thread_says_how_much_there_is_and_what_is_left_out(scene: Scene, client: Client) -> None:
    path = f"stories/{scene.story.pk}/comments"

    whole = send(client, "get", path).json()
    shallow = send(client, "get", f"{path}?depth=1").json()
    below = send(client, "get", f"{path}?parent={scene.comment.pk}").json()

    assert (whole["total"], len(whole["items"]), whole["cuts"]) == (6, 7, [])
    assert [(cut["parent"], cut["num_comments"]) for cut in shallow["cuts"]] == [(scene.comment.pk, 2)]
    assert (below["total"], below["items"][0]["parent"]) == (2, scene.comment.pk)


def test_an_answer_has_a_bounded_length(scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.api.views.comments.MOST_CHARACTERS", 1000)
    story = StoryFactory.create()
    ids = [CommentFactory.create(story=story, text="x" * 400).pk for _ in range(7)]

    answers = list(walk(client, story, ""))

    assert sorted(pk for answer in answers for pk in answer) == ids
    assert max(map(len, answers)) == 2


def test_a_search_finds_all_kinds_with_what_they_are(scene: Scene, mias: Client, client: Client) -> None:
    for reader in (mias, client):
        found = send(reader, "get", "search?q=mia+is:person").json()
        [person] = found["items"]
        stories = send(reader, "get", "search?q=story&order=newest").json()

        assert (person["person"]["username"], person["story"]) == ("mia", None)
        assert "<mark>" in stories["items"][0]["title_html"] + stories["items"][0]["text_html"]
        assert (stories["total"], stories["since"]) == (len(stories["items"]), None)
        marks = [item["story"]["viewer"] for item in stories["items"] if item["story"]]
        assert (None in marks) == (reader is client)


@pytest.mark.parametrize(("query", "status"), [("", 400), ("q=", 400), ("q=tag:nonsense", 400), ("q=x&order=up", 400)])
def test_a_search_that_makes_no_sense_is_refused(scene: Scene, client: Client, query: str, status: int) -> None:
    answer = send(client, "get", f"search?{query}")

    assert (answer.status_code, len(answer.json()["detail"]) > 10) == (status, True)


def test_the_pages_of_a_search_lead_through_all(scene: Scene, client: Client) -> None:
    StoryFactory.create_batch(60, title="Of whales")
    index_all()
    seen, link = [], "/api/v1/search?q=whales&order=newest"

    while link:
        page = open_link(client, link)
        seen += [item["story"]["id"] for item in page["items"]]
        link = page["next"]

    assert (len(seen), len(set(seen)), page["total"]) == (60, 60, 60)
