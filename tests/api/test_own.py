"""What is one's own in answers: what one has not read, watches, has muted, has flagged."""

from django.test import Client
from django.utils import timezone

from apps.notifications.actions.telling import tell_of_comment
from tests.api.conftest import Program, send
from tests.conftest import CountQueries
from tests.factories import CommentFactory
from tests.scene import Scene


def test_the_inbox_says_what_is_unread(scene: Scene, mias: Client, count_queries: CountQueries) -> None:
    for _ in range(2):
        tell_of_comment(comment=CommentFactory.create(story=scene.story), now=timezone.now())
    new, old, *_ = send(mias, "get", "me/inbox").json()["items"]

    send(mias, "put", "me/inbox/read", {"until": old["id"]})
    with count_queries() as queries:
        items = send(mias, "get", "me/inbox").json()["items"]

    assert (new["is_unread"], old["is_unread"]) == (True, True)
    assert [item["id"] for item in items if item["is_unread"]] == [new["id"]]
    # The token, and two of the list.
    assert len(queries) == 3, queries


def test_a_story_says_whether_one_watches_it_has_muted_its_thread_and_flagged_it(
    scene: Scene, program: Program, count_queries: CountQueries
) -> None:
    sams, path = program(scene.stranger), f"stories/{scene.story.pk}"

    def marks() -> set[str]:
        [item] = send(sams, "get", f"stories?ids={scene.story.pk}").json()["items"]
        with count_queries() as queries:
            own = send(sams, "get", path).json()["viewer"]
        # The token, the story, its text, tags and preview, six of one's own.
        assert len(queries) == 11, queries
        assert own == item["viewer"] | {"visited_at": None}
        return {mark for mark in ("watched", "muted", "flagged") if own[mark]}

    assert marks() == set()
    send(sams, "put", f"{path}/watch")
    assert marks() == {"watched"}
    send(sams, "put", f"{path}/mute")
    send(sams, "put", f"{path}/flag", {"reason": "spam"})
    assert marks() == {"muted", "flagged"}
    send(sams, "delete", f"{path}/mute")
    send(sams, "delete", f"{path}/flag")
    assert marks() == set()


def test_a_comment_says_whether_one_has_flagged_it(
    scene: Scene, mias: Client, program: Program, count_queries: CountQueries
) -> None:
    send(mias, "put", f"comments/{scene.comment.pk}/flag", {"reason": "unkind"})

    with count_queries() as queries:
        items = send(mias, "get", "comments").json()["items"]
    others = send(program(scene.moderator), "get", "comments").json()["items"]

    assert [item["id"] for item in items if item["viewer"]["flagged"]] == [scene.comment.pk]
    assert not any(item["viewer"]["flagged"] for item in others)
    # The token, the list, votes, flags.
    assert len(queries) == 4, queries
    assert send(mias, "get", f"comments/{scene.comment.pk}").json()["viewer"] == {"voted": False, "flagged": True}
