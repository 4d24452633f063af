"""What is removed or deleted is told to nobody: neither by pages that ask, nor by refusals."""

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.comments.models import Comment
from apps.moderation.actions.acts import remove_comment, remove_story
from apps.moderation.actions.flags import flag_comment, flag_story
from apps.stories.actions import delete_story
from apps.stories.models import Story
from tests.factories import CommentFactory, StoryFactory
from tests.scene import Scene

TITLE, TEXT = "A title that is gone", "A text that is gone"


@pytest.fixture
def flagger(client: Client, scene: Scene) -> User:
    """Logged in, neither author nor moderator of anything."""
    client.force_login(scene.stranger)
    return scene.stranger


@pytest.fixture
def comment(scene: Scene, flagger: User) -> Comment:
    """A comment that was flagged, then removed."""
    comment: Comment = CommentFactory.create(story=scene.story, text=TEXT)
    flag_comment(by=flagger, comment=comment, reason="unkind", now=timezone.now())
    remove_comment(by=scene.moderator, comment=comment, reason="Rude.", now=timezone.now())
    return comment


@pytest.fixture(params=["removed", "deleted"])
def story(request: pytest.FixtureRequest, scene: Scene, flagger: User) -> Story:
    """A story that was flagged, then removed or deleted."""
    now = timezone.now()
    story: Story = StoryFactory.create(title=TITLE, author=scene.member, community=scene.story.community)
    flag_story(by=flagger, story=story, reason="spam", now=now)
    if request.param == "removed":
        remove_story(by=scene.moderator, story=story, reason="Spam.", now=now)
    else:
        delete_story(by=scene.member, story=story, now=now)
    return story


@pytest.mark.parametrize("page", ["", "/deletion", "/edit", "/flag", "/reply"])
def test_no_page_shows_a_removed_comment(client: Client, comment: Comment, page: str) -> None:
    answer = client.get(f"/comments/{comment.pk}{page}")

    assert TEXT not in answer.content.decode()


@pytest.mark.parametrize("page", ["deletion", "edit", "flag", "reply"])
def test_no_refusal_shows_a_removed_comment(client: Client, comment: Comment, page: str) -> None:
    answer = client.post(f"/comments/{comment.pk}/{page}", {"text": ""})

    assert TEXT not in answer.content.decode()


@pytest.mark.parametrize("page", ["deletion", "edit", "flag", "rank"])
def test_no_page_shows_the_title_of_a_story_that_is_gone(client: Client, story: Story, page: str) -> None:
    answer = client.get(f"/s/{story.pk}/{page}")

    assert TITLE not in answer.content.decode()


@pytest.mark.parametrize("page", ["deletion", "edit", "flag", "comments/"])
def test_no_refusal_shows_the_title_of_a_story_that_is_gone(client: Client, story: Story, page: str) -> None:
    answer = client.post(f"/s/{story.pk}/{page}", {"text": ""})

    assert TITLE not in answer.content.decode()


@pytest.mark.parametrize("page", ["", "/flag", "/reply"])
def test_a_comment_does_not_show_the_title_of_its_story_that_is_gone(client: Client, story: Story, page: str) -> None:
    below = CommentFactory.create(story=story)

    answers = [ask(f"/comments/{below.pk}{page}", {"text": ""}) for ask in (client.get, client.post)]

    assert not any(TITLE in answer.content.decode() for answer in answers)


def test_only_its_author_is_asked_whether_to_delete_it(client: Client, scene: Scene, flagger: User) -> None:
    paths = [f"/s/{scene.story.pk}/deletion", f"/comments/{scene.reply.pk}/deletion"]

    refused = [client.get(path).status_code for path in paths]
    client.force_login(scene.member)
    asked = [client.get(path).status_code for path in paths]

    assert (refused, asked) == ([403, 403], [200, 200])
