"""What open pages are told, and that telling them never stands in the way of what people do."""

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.accounts.models import User
from apps.comments import actions as comments
from apps.comments.models import Comment
from apps.live import publishing
from apps.notifications.actions.reading import mark_read
from apps.notifications.models import Notification
from apps.replicas import tokens
from apps.stories.models import Story
from apps.votes import actions as votes
from tests.conftest import CountQueries
from tests.factories import CommentFactory, PersonFactory, StoryFactory
from tests.folding import fold
from tests.live.conftest import Said
from tests.notifications.working import work
from tests.pagecache.servers import RedisServer

pytestmark = pytest.mark.django_db


def post(story: Story, by: User | None = None, parent: Comment | None = None) -> Comment:
    by = by or PersonFactory.create()
    return comments.post_comment(by=by, story=story, parent=parent, text="A word.", now=timezone.now())


@pytest.fixture
def story(transactional_db: None) -> Story:
    return StoryFactory.create(created_at=timezone.now())


def without_fences(said: Said) -> list[tuple[str, str, dict[str, object]]]:
    return [(topic, kind, {k: v for k, v in data.items() if k != "fence"}) for topic, kind, data in said()]


def test_a_comment_is_told_with_what_it_counts(story: Story, said: Said) -> None:
    comment = post(story)

    assert without_fences(said) == [
        (f"story:{story.pk}", "counts", {"score": 1, "comments": 1}),
        (f"story:{story.pk}", "comment", {"id": comment.pk}),
    ]


def test_what_is_told_carries_the_token_that_shows_it(story: Story, said: Said) -> None:
    before = tokens.current()
    post(story)
    after = tokens.current()

    fences = {tokens.unsign(str(data["fence"])) for _, _, data in said()}
    assert all(before < fence <= after for fence in fences)


def test_what_is_rolled_back_is_told_to_nobody(story: Story, said: Said) -> None:
    def post_and_fail() -> None:
        with transaction.atomic():
            post(story)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        post_and_fail()

    assert said() == []


def test_a_form_sent_twice_is_told_once(story: Story, said: Said) -> None:
    by = PersonFactory.create()

    first, second = post(story, by), post(story, by)

    assert first == second
    assert [kind for _, kind, _ in said()] == ["counts", "comment"]


def test_nobody_hears_of_a_held_story(story: Story, said: Said) -> None:
    Story.objects.filter(pk=story.pk).update(held_at=timezone.now())

    post(story, story.author)
    CommentFactory.create(story=story)

    assert said() == []


def test_a_fold_tells_the_score_and_the_number_of_comments(story: Story, said: Said) -> None:
    votes.cast_story_vote(by=PersonFactory.create(), story=story, now=timezone.now())
    fold()

    assert without_fences(said)[-1] == (f"story:{story.pk}", "counts", {"score": 2, "comments": 0})


def test_who_is_told_of_a_reply_hears_how_many_are_unread(story: Story, said: Said) -> None:
    assert story.author
    post(story)
    post(story)
    work()
    newest = Notification.objects.latest("pk")
    mark_read(by=story.author, until=newest.pk)

    topic = f"viewer:{story.author.pk}"
    assert [data["unread"] for found, kind, data in said() if (found, kind) == (topic, "unread")] == [1, 2, 0]


def test_without_redis_people_write_as_ever(story: Story, said: Said, redis: RedisServer) -> None:
    redis.kill()

    comment = post(story)

    assert Comment.objects.filter(pk=comment.pk).exists()


def test_a_site_without_a_live_service_tells_nothing(
    story: Story, said: Said, settings: Settings, count_queries: CountQueries
) -> None:
    settings.LIVE = False

    with count_queries() as queries:
        publishing.publish("comment", {"story:1": {"id": 1}})
    post(story)

    assert said() == []
    assert queries == []


@pytest.mark.parametrize("kind", ["comment", "unread"])
def test_many_topics_are_one_entry(said: Said, kind: str, transactional_db: None) -> None:
    messages: dict[str, dict[str, object]] = {f"story:{number}": {"id": number} for number in range(500)}

    publishing.publish(kind, messages)
    publishing.publish(kind, {})

    assert publishing.client().xlen(publishing.key()) == 1
    assert len(said()) == 500


def test_the_stream_keeps_no_more_than_its_length(is_live: None, transactional_db: None) -> None:
    client = publishing.client()
    for _ in range(publishing.LENGTH // 1000 + 1):
        lines = client.pipeline(transaction=False)
        for number in range(1000):
            lines.xadd(publishing.key(), {"story:1": f"comment {number}"})
        lines.execute()

    publishing.publish("comment", {"story:1": {"id": 1}})

    # Redis drops them by the hundred.
    assert publishing.LENGTH <= client.xlen(publishing.key()) < publishing.LENGTH + 200
