"""Who may do what by the API: each operation, found from its address, tried by each kind of person."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver
from django.utils import timezone

from apps.accounts.models import User
from apps.api.models import Scope
from apps.api.operations import Operation
from apps.api.urls import urlpatterns
from apps.comments.models import Comment
from apps.communities.actions import appoint_moderator
from apps.moderation.actions.acts import ban_person, remove_story
from apps.stories.models import Story
from tests.api.conftest import Program, send
from tests.factories import CommunityFactory, PersonFactory, StoryFactory
from tests.scene import Scene

pytestmark = pytest.mark.django_db

DONE = {200, 201, 204}
# Whoever is there: "author" wrote the scene's story and its reply, "stranger" the comment. "steward" moderates their
# community, "neighbor" another one, "moderator" the whole site.
ROLES = ("visitor", "stranger", "member", "author", "steward", "neighbor", "moderator", "banned")


@dataclass(frozen=True)
class Trial:
    """How an operation is tried: the roles that may not, and its body."""

    refused: frozenset[str] = frozenset()
    body: Callable[[Scene], Any] = lambda scene: None


def only(*roles: str) -> frozenset[str]:
    """All but these may not."""
    return frozenset(ROLES) - set(roles)


MODERATORS = only("steward", "moderator")
VISITOR, BANNED = frozenset({"visitor"}), frozenset({"visitor", "banned"})
DRAFT = {"community": "town", "title": "A new one", "text": "Text.", "tags": ["rust"]}


def act(name: str, target: str, **more: Any) -> Callable[[Scene], Any]:
    """The body of an act of moderation on the scene's story, comment, or its author; or on what is so already."""

    def body(scene: Scene) -> dict[str, Any]:
        key = TARGETS[target](scene)
        return {"act": name, "reason": "Why.", name.partition("-")[2]: key} | more

    return body


TARGETS: dict[str, Callable[[Scene], int | str]] = {
    "story": lambda scene: scene.story.pk,
    "locked": lambda scene: scene.locked.pk,
    "removed_story": lambda scene: Story.objects.get(removed_at__isnull=False).pk,
    "comment": lambda scene: scene.comment.pk,
    "removed_comment": lambda scene: Comment.objects.get(removed_at__isnull=False).pk,
    "person": lambda scene: scene.member.username,
    "banned": lambda scene: User.objects.get(banned_until__isnull=False).username,
}
# By method and name of the address. Each write is here; a read that is for everybody needs no line.
TRIALS: dict[tuple[str, str], list[Trial]] = {
    ("post", "stories"): [Trial(BANNED, lambda scene: DRAFT)],
    ("patch", "story"): [Trial(only("author"), lambda scene: {"title": "Better"})],
    ("delete", "story"): [Trial(only("author"))],
    ("put", "story_vote"): [Trial(BANNED | {"author"})],
    ("delete", "story_vote"): [Trial(BANNED | {"author"})],
    ("put", "story_flag"): [Trial(BANNED | {"author"}, lambda scene: {"reason": "spam"})],
    ("delete", "story_flag"): [Trial(VISITOR)],
    ("delete", "story_flags"): [Trial(MODERATORS)],
    ("put", "comment_flag"): [Trial(BANNED | {"stranger"}, lambda scene: {"reason": "other", "note": "Why."})],
    ("delete", "comment_flag"): [Trial(VISITOR)],
    ("delete", "comment_flags"): [Trial(MODERATORS)],
    ("get", "flags"): [Trial(only("steward", "neighbor", "moderator"))],
    ("get", "my_flags"): [Trial(VISITOR)],
    ("put", "story_saved"): [Trial(VISITOR)],
    ("delete", "story_saved"): [Trial(VISITOR)],
    ("put", "story_hidden"): [Trial(VISITOR)],
    ("delete", "story_hidden"): [Trial(VISITOR)],
    ("put", "visit"): [Trial(VISITOR, lambda scene: {"until": "2026-01-01T00:00:00Z"})],
    ("post", "thread"): [
        Trial(BANNED, lambda scene: {"text": "Well."}),
        Trial(BANNED, lambda scene: {"text": "Well.", "parent": scene.comment.pk}),
    ],
    ("patch", "comment"): [Trial(only("stranger"), lambda scene: {"text": "Better."})],
    ("delete", "comment"): [Trial(only("stranger"))],
    ("put", "comment_vote"): [Trial(BANNED | {"stranger"})],
    ("delete", "comment_vote"): [Trial(BANNED | {"stranger"})],
    ("put", "membership"): [Trial(BANNED)],
    ("delete", "membership"): [Trial(VISITOR)],
    ("put", "tag_mute"): [Trial(VISITOR)],
    ("delete", "tag_mute"): [Trial(VISITOR)],
    ("put", "domain_mute"): [Trial(VISITOR)],
    ("delete", "domain_mute"): [Trial(VISITOR)],
    ("put", "person_mute"): [Trial(VISITOR | {"author"})],
    ("delete", "person_mute"): [Trial(VISITOR)],
    ("get", "me"): [Trial(VISITOR)],
    ("patch", "me"): [Trial(BANNED, lambda scene: {"about": "Me."})],
    ("get", "my_saved"): [Trial(VISITOR)],
    ("get", "my_hidden"): [Trial(VISITOR)],
    ("get", "my_mutes"): [Trial(VISITOR)],
    ("get", "my_votes"): [Trial(VISITOR)],
    ("get", "my_watches"): [Trial(VISITOR)],
    ("get", "preferences"): [Trial(VISITOR)],
    ("patch", "preferences"): [Trial(VISITOR, lambda scene: {"digest": "weekly"})],
    ("put", "story_watch"): [Trial(VISITOR)],
    ("delete", "story_watch"): [Trial(VISITOR)],
    ("put", "thread_mute"): [Trial(VISITOR)],
    ("delete", "thread_mute"): [Trial(VISITOR)],
    ("put", "tag_watch"): [Trial(VISITOR)],
    ("delete", "tag_watch"): [Trial(VISITOR)],
    ("put", "person_watch"): [Trial(VISITOR | {"author"})],
    ("delete", "person_watch"): [Trial(VISITOR)],
    ("get", "inbox"): [Trial(VISITOR)],
    ("put", "inbox_read"): [Trial(VISITOR, lambda scene: {"until": 1})],
    ("post", "markdown"): [Trial(VISITOR, lambda scene: {"text": "For *whom*?"})],
    ("post", "log"): [
        Trial(MODERATORS, act("remove-story", "story")),
        Trial(MODERATORS, act("restore-story", "removed_story")),
        Trial(MODERATORS, act("lock-story", "story")),
        Trial(MODERATORS, act("unlock-story", "locked")),
        Trial(MODERATORS, act("remove-comment", "comment")),
        Trial(MODERATORS, act("restore-comment", "removed_comment")),
        Trial(only("moderator"), act("ban-person", "person", days=3)),
        Trial(only("moderator"), act("unban-person", "banned")),
    ],
}


def operations() -> Iterator[tuple[str, str, str, Operation]]:
    """Method, name, path and operation of each that the router knows."""
    [v1] = [found for found in urlpatterns if isinstance(found, URLResolver)]
    for pattern in v1.url_patterns:
        assert isinstance(pattern, URLPattern)
        view: Any = pattern.callback
        for method in ("get", "post", "put", "patch", "delete"):
            if handler := getattr(view.cls, method, None):
                yield method, str(pattern.name), str(pattern.pattern), handler.operation


ALL = list(operations())
CASES = [
    pytest.param(method, path, what, trial, id=f"{method}-{name}-{number}")
    for method, name, path, what in ALL
    for number, trial in enumerate(TRIALS.get((method, name), [Trial()]))
]


@pytest.fixture
def people(scene: Scene, program: Program) -> dict[str, User]:
    """A person for each role but the visitor's, and a story that was removed."""
    member, steward, neighbor, banned = PersonFactory.create_batch(4)
    now = timezone.now()
    appoint_moderator(person=steward, community=scene.story.community, now=now)
    appoint_moderator(person=neighbor, community=CommunityFactory.create(), now=now)
    ban_person(by=scene.moderator, person=banned, days=3, reason="Spam.", now=now)
    remove_story(
        by=scene.moderator, story=StoryFactory.create(community=scene.story.community), reason="Spam.", now=now
    )
    banned.refresh_from_db()
    return {
        "stranger": scene.stranger,
        "member": member,
        "author": scene.member,
        "steward": steward,
        "neighbor": neighbor,
        "moderator": scene.moderator,
        "banned": banned,
    }


@contextmanager
def undone() -> Iterator[None]:
    """What the block does leaves nothing behind."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def address(path: str, scene: Scene) -> str:
    """The path with the scene's story, or comment, and so on; and with what has to be asked."""
    pk = scene.comment.pk if path.startswith("comments") else scene.story.pk
    known = {"<int:pk>": pk, "<slug:slug>": "town", "<str:names>": "rust", "<str:name>": "rust"}
    known |= {"<str:domain>": "example.org", "<str:username>": "mia"}
    for argument, value in known.items():
        path = path.replace(argument, str(value))
    return f"{path}?q=story" if path == "search" else path


def test_every_write_and_every_private_read_has_a_trial() -> None:
    needed = {(method, name) for method, name, _, what in ALL if method != "get" or not what.is_public}

    assert needed == set(TRIALS), "Say in TRIALS who may do it"


@pytest.mark.parametrize(("method", "path", "what", "trial"), CASES)
def test_each_role_may_do_what_the_pages_allow(
    scene: Scene, people: dict[str, User], program: Program, method: str, path: str, what: Operation, trial: Trial
) -> None:
    statuses = {}

    for role in ROLES:
        with undone():
            client = program(people.get(role))
            statuses[role] = send(client, method, address(path, scene), trial.body(scene)).status_code

    wrong = {role: status for role, status in statuses.items() if (status in DONE) == (role in trial.refused)}
    assert wrong == {}
    assert {statuses[role] for role in trial.refused - VISITOR} <= {400, 403}
    assert (statuses["visitor"] == 401) == ("visitor" in trial.refused)


@pytest.mark.parametrize(("method", "path", "what", "trial"), CASES)
def test_a_token_without_the_scope_opens_nothing(
    scene: Scene, people: dict[str, User], program: Program, method: str, path: str, what: Operation, trial: Trial
) -> None:
    others = [scope for scope in Scope.values if scope != what.scope]
    # Whoever is not refused for another reason.
    client = program(scene.moderator, *others)

    answer = send(client, method, address(path, scene), trial.body(scene))

    assert (answer.status_code, answer.json()["code"]) == (403, "scope-missing")


def test_what_changes_something_never_needs_the_scope_of_reading_alone() -> None:
    assert [name for method, name, _, what in ALL if (method == "get") != (what.scope == Scope.READ)] == []
