"""What is one's own in answers: what one has not read, watches, has muted, has flagged."""

from django.test import Client
from django.utils import timezone

from apps.notifications.actions.telling import tell_of_comment
from tests.api.conftest import send
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
