"""How a thread comes out: branches within branches, placeholders, marks for its reader."""

import re
from datetime import datetime, timedelta
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.utils import timezone

from apps.comments.actions import delete_comment, record_visit
from apps.comments.branches import nested
from apps.comments.queries.pages import thread
from apps.stories.models import Story
from tests.factories import CommentFactory, PersonFactory, StoryFactory
from tests.scene import Scene

VOID = {"meta", "link", "input", "br", "hr", "path"}


class Tree(HTMLParser):
    """Maps each comment's id to that of the comment around it; fails on a tag that is closed out of turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str | None]] = []
        self.parents: dict[str, str | None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            return
        key = dict(attrs).get("id") if tag == "article" else None
        if key and key.startswith("c"):
            self.parents[key] = next((outer for _, outer in reversed(self.open) if outer), None)
        self.open.append((tag, key if key and key.startswith("c") else None))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop()[0] == tag


@pytest.fixture
def story(db: None) -> Story:
    return StoryFactory.create(created_at=timezone.now() - timedelta(hours=1))


def test_replies_stand_inside_what_they_answer(client: Client, story: Story) -> None:
    root = CommentFactory.create(story=story)
    reply = CommentFactory.create(parent=root)
    deepest = CommentFactory.create(parent=reply)
    second = CommentFactory.create(parent=root)
    other = CommentFactory.create(story=story)
    tree = Tree()

    tree.feed(client.get(story.get_absolute_url()).content.decode())

    assert tree.open == []
    assert tree.parents == {
        f"c{root.pk}": None,
        f"c{reply.pk}": f"c{root.pk}",
        f"c{deepest.pk}": f"c{reply.pk}",
        f"c{second.pk}": f"c{root.pk}",
        f"c{other.pk}": None,
    }


def test_branches_end_innermost_first(story: Story) -> None:
    root = CommentFactory.create(story=story)
    reply = CommentFactory.create(parent=root)

    branches = list(nested(thread(story, order="best", cursor=None).rows))

    ended = [(row.id, [parent.id for parent in parents]) for row, parents in branches]
    assert ended == [(root.pk, []), (reply.pk, [reply.pk, root.pk])]


def test_what_is_left_out_is_a_link_away(client: Client, story: Story) -> None:
    root = CommentFactory.create(story=story)
    for _ in range(13):
        CommentFactory.create(parent=root)

    page = client.get(story.get_absolute_url()).content.decode()

    assert "3 more replies" in page
    assert f'href="/comments/{root.pk}?order=best#replies"' in page


def test_gone_comments_leave_a_placeholder(client: Client, scene: Scene) -> None:
    delete_comment(by=scene.stranger, comment=scene.comment, now=timezone.now())

    page = client.get(scene.story.get_absolute_url()).content.decode()

    assert "[deleted by its author]" in page
    assert "[removed by a moderator]" in page
    assert "code = 1" not in page


def test_a_gone_story_leaves_a_placeholder_and_its_thread(client: Client, scene: Scene) -> None:
    client.force_login(scene.member)

    client.post(f"/s/{scene.story.pk}/deletion")

    page = client.get(scene.story.get_absolute_url()).content.decode()
    assert "[deleted by its author]" in page
    assert scene.story.title not in page
    assert "code = 1" in page


def test_a_member_sees_which_comments_are_new_and_jumps_between_them(client: Client, story: Story) -> None:
    reader = PersonFactory.create()
    record_visit(by=reader, story=story, until=timezone.now() - timedelta(minutes=30), now=timezone.now())
    old = CommentFactory.create(story=story, base_ups=9)
    fresh = [CommentFactory.create(story=story, created_at=timezone.now()) for _ in range(2)]
    client.force_login(reader)

    page = client.get(f"{story.get_absolute_url()}?order=oldest").content.decode()

    assert page.count("data-unread") == 2
    assert f'class="unread" href="#c{fresh[1].pk}"' in page
    assert f'class="unread" href="#c{old.pk}"' not in page


def test_a_thread_is_read_up_to_the_moment_its_page_was_made(client: Client, scene: Scene) -> None:
    path = scene.story.get_absolute_url()
    client.get(path)
    rendered_before = timezone.now()
    client.force_login(scene.member)

    page = client.get(path).content.decode()

    until = re.search(r'name="until"\s+value="([^"]+)"', page)
    assert until
    assert datetime.fromisoformat(until[1]) < rendered_before


def test_a_part_of_a_thread_comes_without_the_page_around_it(client: Client, scene: Scene) -> None:
    answer = client.get(scene.story.get_absolute_url(), headers={"HX-Request": "true"})

    assert f'id="c{scene.comment.pk}"' in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_a_visitor_who_asks_for_a_part_is_sent_to_the_log_in_page(client: Client, scene: Scene) -> None:
    answer = client.get(f"/comments/{scene.comment.pk}/reply", headers={"HX-Request": "true"})

    assert answer.headers["HX-Redirect"].startswith("/account/login/")


def test_preview_works_as_a_part_and_as_a_page(client: Client) -> None:
    part = client.post("/preview", {"text": "*so*"}, headers={"HX-Request": "true"}).content.decode()
    page = client.post("/preview", {"text": "*so*"}).content.decode()

    assert "<em>so</em>" in part
    assert "<html" not in part
    assert "<em>so</em>" in page
    assert "<html" in page


@pytest.mark.django_db
@pytest.mark.parametrize("title", ["Vote", "Lock", "Rank", "Edit", "Removal", "Deletion", "Saved", "Hidden", "Flag"])
def test_no_title_takes_the_address_of_another_page(client: Client, title: str) -> None:
    story = StoryFactory.create(title=title)

    answer = client.get(story.get_absolute_url())

    assert answer.status_code == 200
    assert title in answer.content.decode()
