"""No page that an act changes is forgotten: found by comparing all pages before and after each act."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.test import RequestFactory
from django.urls import resolve
from django.utils import timezone

from apps.accounts import actions as accounts
from apps.comments import actions as comments
from apps.communities import actions as communities
from apps.communities.tags import tagged
from apps.core.errors import NotFound
from apps.importing import actions as importing
from apps.moderation.actions import acts as moderation
from apps.moderation.actions import flags
from apps.notifications.actions import mailing, reading, telling, watching
from apps.pagecache import purging
from apps.pagecache.slots import fill_shared
from apps.personal.actions import erasure, exports, retention
from apps.personal.actions import votes as personal_votes
from apps.previews import actions as previews
from apps.stories import actions as stories
from apps.stories.models import Story
from apps.votes import actions as votes
from tests.conftest import CountQueries
from tests.factories import NOW
from tests.pagecache import acts
from tests.pagecache.acts import SEEN, UNSEEN, Act, World

pytestmark = pytest.mark.django_db

ACTIONS = (
    *(accounts, communities, stories, previews, comments, votes, moderation, flags, importing),
    *(telling, watching, reading, mailing, erasure, exports, retention, personal_votes),
)
# Parts of actions, which the acts of people call.
PARTS = {
    *("accounts.change_karma", "accounts.lock_person"),
    *("stories.change_tallies", "stories.lock_story", "stories.purge_story"),
    *("comments.lock_comment", "comments.count_in", "comments.count_out"),
    "moderation.settle",
    *("votes.continue_recount", "votes.recount_batch"),
}

# Queries of acts by the moderator of the site, and by people who moderate nothing.
COSTS = {
    "stories.submit_story with a link": 13,
    "stories.edit_story tags": 12,
    "comments.post_comment below another": 21,
    "comments.edit_comment": 6,
    "moderation.lock_thread": 6,
    "moderation.remove_comment": 14,
}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """The scene, in a moment that lasts."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    return acts.build()


@pytest.fixture
def purged(world: World, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The tags that have been purged since the scene was set."""
    tags: set[str] = set()
    monkeypatch.setattr(purging, "purge", lambda *more: tags.update(more))
    return tags


def shared_text(path: str) -> str:
    """The page as its view makes it for everybody, what it asks of slots included; or why there is none."""
    request = RequestFactory().get(path)
    request.user = AnonymousUser()
    match = resolve(path.partition("?")[0])
    try:
        return fill_shared(request, match.func(request, **match.kwargs).content.decode())
    except NotFound as error:
        return error.detail


def tags_of(path: str) -> set[str]:
    match = resolve(path.partition("?")[0])
    return {*match.func.contract.tags(match.kwargs)}  # type: ignore[attr-defined]  # set by cached_page


@contextmanager
def done(act: Act, world: World) -> Iterator[None]:
    """The act is done inside the block, and leaves nothing behind."""
    with transaction.atomic():
        act(world)
        yield
        transaction.set_rollback(True)


def test_whatever_changes_a_page_purges_one_of_its_tags(world: World, purged: set[str]) -> None:
    before = {path: shared_text(path) for path in world.pages()}
    carried = {path: tags_of(path) for path in before}
    forgotten, without_effect = {}, []

    for name, act in SEEN.items():
        purged.clear()
        with done(act, world):
            kept = {path for path in before if carried[path].isdisjoint(purged)}
            forgotten[name] = [path for path in kept if shared_text(path) != before[path]]
            if all(shared_text(path) == before[path] for path in before.keys() - kept):
                without_effect.append(name)

    assert {name: paths for name, paths in forgotten.items() if paths} == {}
    assert without_effect == []


def test_what_changes_no_page_purges_nothing(world: World, purged: set[str]) -> None:
    before = {path: shared_text(path) for path in world.pages()}
    needless = {}

    for name, act in UNSEEN.items():
        purged.clear()
        act(world)
        needless[name] = purged.copy()

    assert {name: tags for name, tags in needless.items() if tags} == {}
    assert [path for path in before if shared_text(path) != before[path]] == []


def test_a_recount_purges_everything_once_it_repairs_something(world: World, purged: set[str]) -> None:
    Story.objects.update(num_comments=7)

    found = list(votes.recount(repair=False))
    by_looking = purged.copy()
    repaired = list(votes.recount(repair=True))

    assert found == repaired != []
    assert (by_looking, purged) == (set(), {purging.EVERYTHING})


def test_an_action_asks_for_nothing_more_to_purge_but_the_names_of_tags(
    world: World, purged: set[str], count_queries: CountQueries
) -> None:
    costs = {}

    for name in COSTS:
        with count_queries() as queries, done(SEEN[name], world):
            pass
        costs[name] = sum("SAVEPOINT" not in query for query in queries)

    assert costs == COSTS


def test_every_action_is_among_the_acts() -> None:
    public = {
        f"{module.__name__.split('.')[1]}.{name}"
        for module in ACTIONS
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }

    assert public - {name.partition(" ")[0] for name in (*SEEN, *UNSEEN)} == PARTS, "Add it to tests/pagecache/acts.py"


def test_a_page_of_several_words_carries_the_five_that_it_shows() -> None:
    assert tagged("f,b,a,b,e,d,c") == [f"tagged:{name}" for name in "abcde"]
