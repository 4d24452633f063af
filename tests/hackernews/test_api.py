"""The API in the form that its readers know."""

import json
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from apps.comments.actions import delete_comment, post_comment
from apps.comments.models import Comment
from apps.hackernews.items import comment_item, story_item
from apps.stories.actions import delete_story
from apps.stories.models import Story
from tests.conftest import CountQueries
from tests.factories import CommentFactory, PersonFactory, StoryFactory, TagFactory
from tests.hackernews import reading
from tests.patience import PATIENCE
from tests.scene import Scene, build

pytestmark = pytest.mark.django_db


def get(client: Client, path: str) -> Any:
    answer = client.get(f"/hn/v0/{path}.json")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json; charset=utf-8")
    return json.loads(answer.content)


def read(address: str) -> dict[str, Any]:
    """What a client that nobody here wrote finds, in a process of its own, since it has a loop of its own."""
    command = [sys.executable, reading.__file__, f"{address}/hn/v0/"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.django_db(transaction=True)
def test_a_client_made_for_hacker_news_reads_the_whole_site(live_server: LiveServer) -> None:
    scene = build(timezone.now())

    found = read(live_server.url)

    story = next(item for item in found["new"] if item["id"] == story_item(scene.story.pk))
    assert (story["by"], story["title"], story["url"]) == ("mia", scene.story.title, "https://example.org/a")
    assert {item["id"] for item in found["new"]} == {
        story_item(pk) for pk in Story.objects.values_list("pk", flat=True)
    }
    assert sorted(item["id"] for item in found["comments"]) == sorted(
        comment_item(pk) for pk in Comment.objects.values_list("pk", flat=True)
    )
    assert "mia" in {person["id"] for person in found["profiles"]}
    assert found["max"] == max(item["id"] for item in [*found["new"], *found["comments"]])


def test_a_whole_thread_is_walked_by_kids_alone(client: Client) -> None:
    scene = build(timezone.now())
    story = get(client, f"item/{story_item(scene.story.pk)}")

    waiting, found = list(story["kids"]), []
    while waiting:
        item = get(client, f"item/{waiting.pop()}")
        found.append(item)
        waiting += item.get("kids", [])

    assert sum("deleted" not in item and "dead" not in item for item in found) == story["descendants"]
    assert all(item["type"] == "comment" and item["parent"] for item in found)


def test_a_story_says_what_it_is(client: Client) -> None:
    author = PersonFactory.create(username="ann")
    story = StoryFactory.create(author=author, title="One", url="https://example.org/1", text="", base_ups=3)
    reply = CommentFactory.create(story=story)

    assert get(client, f"item/{story_item(story.pk)}") == {
        "by": "ann",
        "descendants": 1,
        "id": story_item(story.pk),
        "kids": [comment_item(reply.pk)],
        "score": 3,
        "time": int(story.created_at.timestamp()),
        "title": "One",
        "type": "story",
        "url": "https://example.org/1",
    }


def test_a_comment_says_what_it_answers(client: Client) -> None:
    comment = CommentFactory.create(text="So *there*.")
    reply = CommentFactory.create(parent=comment)

    found = get(client, f"item/{comment_item(comment.pk)}")

    assert found["parent"] == story_item(comment.story_id)
    assert found["text"] == "<p>So <em>there</em>.</p>"
    assert found["kids"] == [comment_item(reply.pk)]
    assert get(client, f"item/{comment_item(reply.pk)}")["parent"] == comment_item(comment.pk)


def test_what_is_gone_says_so_and_nothing_else(client: Client) -> None:
    scene: Scene = build(timezone.now())
    delete_story(by=scene.member, story=scene.locked, now=timezone.now())
    delete_comment(by=scene.member, comment=scene.reply, now=timezone.now())
    removed = scene.story.comments.exclude(removed_at=None).get()

    story = get(client, f"item/{story_item(scene.locked.pk)}")
    comment = get(client, f"item/{comment_item(scene.reply.pk)}")
    dead = get(client, f"item/{comment_item(removed.pk)}")

    assert (story["deleted"], story.keys() & {"title", "text", "url", "by"}) == (True, set())
    assert (comment["deleted"], comment.keys() & {"text", "by"}) == (True, set())
    assert (dead["dead"], dead.keys() & {"text", "by"}) == (True, set())


def test_a_held_story_and_its_comments_are_nothing(client: Client) -> None:
    story = StoryFactory.create(held_at=timezone.now())
    comment = CommentFactory.create(story=story)

    assert get(client, f"item/{story_item(story.pk)}") is None
    assert get(client, f"item/{comment_item(comment.pk)}") is None
    assert get(client, "newstories") == []


@pytest.mark.parametrize(
    "path",
    [
        "item/1",
        "item/0",
        "item/99999998",
        f"item/{2**70}",
        "user/nobody",
        "user/%E2%98%83",
        "item/-1",
        "item/x",
        "item/1/kids",
        "polls",
    ],
)
def test_what_is_not_there_is_null(client: Client, path: str) -> None:
    assert get(client, path) is None


def test_kinds_of_stories_have_lists_of_their_own(client: Client) -> None:
    now = timezone.now()
    ask = StoryFactory.create(created_at=now)
    show = StoryFactory.create(created_at=now, url="https://example.org/", is_own_work=True)
    job = StoryFactory.create(created_at=now, url="https://example.org/job", tags=(TagFactory.create(name="jobs"),))

    assert get(client, "askstories") == [story_item(ask.pk)]
    assert get(client, "showstories") == [story_item(show.pk)]
    assert get(client, "jobstories") == [story_item(job.pk)]
    assert get(client, f"item/{story_item(job.pk)}")["type"] == "job"


def test_a_comment_shows_in_all_answers_at_once(client: Client) -> None:
    person, story = PersonFactory.create(username="ann"), StoryFactory.create(created_at=timezone.now())
    paths = [f"item/{story_item(story.pk)}", "user/ann", "maxitem", "updates"]
    before = [get(client, path) for path in paths]

    comment = post_comment(by=person, story=story, text="New.", now=timezone.now())

    item, user, newest, updates = (get(client, path) for path in paths)
    number = comment_item(comment.pk)
    assert "kids" not in before[0]
    assert (item["kids"], user["submitted"], updates["items"][0]) == ([number], [number], number)
    # Each of both kinds counts from a number of its own.
    assert newest == max(number, story_item(story.pk))


def test_an_item_costs_few_queries_whatever_its_thread(client: Client, count_queries: CountQueries) -> None:
    story = StoryFactory.create()
    for _ in range(30):
        CommentFactory.create(story=story)

    with count_queries() as queries:
        found = get(client, f"item/{story_item(story.pk)}")

    assert len(found["kids"]) == 30
    assert len(queries) == 3


@pytest.mark.parametrize("path", ["item/1", "item/x", "topstories"])
def test_nothing_can_be_sent(path: str) -> None:
    answer = Client(enforce_csrf_checks=True).post(f"/hn/v0/{path}.json")

    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
