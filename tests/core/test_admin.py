"""Every admin list: there, quick, and of a constant number of queries."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from apps.accounts.models import PersonMute, User
from apps.api.actions import begin_answer, make_token
from apps.canary.models import Song
from apps.comments.models import CommentDelta, Visit
from apps.communities.models import Community, Membership, Tag, TagMute
from apps.core.admin import BoundedPaginator, LargeAdmin
from apps.importing.models import ImportedItem, ImportedPerson, ImportPreview
from apps.jobs import actions as jobs
from apps.moderation.actions import acts as moderation
from apps.moderation.models import Flag
from apps.notifications.models import Kind, Notification, PersonWatch, Preferences, StoryWatch, TagWatch
from apps.observability.models import Sample
from apps.personal.models import Export
from apps.previews.models import Preview
from apps.search.actions import index
from apps.stories.models import DomainMute, HiddenStory, SavedStory, StoryDelta
from apps.votes.models import Recount
from apps.webhooks.models import Delivery, Endpoint, Event
from tests.conftest import CountQueries
from tests.factories import (
    NOW,
    CommentFactory,
    CommentVoteFactory,
    CommunityFactory,
    ModeratorFactory,
    PersonFactory,
    StoryFactory,
    StoryVoteFactory,
    TagFactory,
)

OWN_MODELS = [model for model in apps.get_models() if model.__module__.startswith("apps.") and model._meta.managed]
LISTED_MODELS = [*OWN_MODELS, EmailAddress]
# What people type into a search box, and what they should not be able to break with it.
TERMS = [
    "1",
    "person0",
    "example.org",
    "no such thing",
    "'; DROP TABLE x; --",
    "9" * 40,
    "%",
    "\x00",
    "½",
    "\U0001f30a",
]
# What no filter offers.
BROKEN = ["\x00", "9" * 40, "½", "2026-13-45"]

pytestmark = [pytest.mark.django_db, pytest.mark.drifts(reason="rows made by hand")]


def one_of_each() -> None:
    """A row of every model, and more of what hangs on it."""
    Song.objects.get_or_create(pk=1, defaults={"number": 1})
    person = PersonFactory.create()
    tag = TagFactory.create()
    story = StoryFactory.create(url=f"https://example.org/{person.pk}", tags=(tag,))
    comment = CommentFactory.create(story=story)
    StoryVoteFactory.create(story=story)
    CommentVoteFactory.create(comment=comment)
    CommentVoteFactory.create(comment=CommentFactory.create(parent=comment))
    moderation.remove_comment(by=ModeratorFactory.create(), comment=comment, reason="Spam.", now=NOW)
    Flag.objects.create(user=person, comment=comment, reason=Flag.Reason.SPAM, created_at=NOW)
    Membership.objects.create(user=person, community=CommunityFactory.create(), joined_at=NOW)
    PersonMute.objects.create(user=person, person=PersonFactory.create(), created_at=NOW)
    TagMute.objects.create(user=person, tag=tag, created_at=NOW)
    make_token(by=person, name="script", scopes=["read"], lifetime=None, now=NOW)
    begin_answer(by=person, key=str(person.pk), request="x", now=NOW)
    DomainMute.objects.create(user=person, domain="example.org", created_at=NOW)
    for kept in (SavedStory, HiddenStory):
        kept.objects.create(user=person, story=story, created_at=NOW)
    Visit.objects.create(user=person, story=story, visited_at=NOW)
    index(kind="story", pk=story.pk)
    ImportedItem.objects.create(source="here", source_id=str(story.pk), story=story)
    ImportedPerson.objects.create(source="here", name=person.username, user=person)
    Preview.objects.create(story=story, fetched_at=NOW)
    ImportPreview.objects.create(file="old.jsonl", requested_at=NOW)
    Export.objects.create(user=person, requested_at=NOW)
    EmailAddress.objects.create(user=person, email=person.email)
    Sample.objects.create(source="here", turn=person.pk, totals={}, figures={})
    Notification.objects.create(recipient=person, kind=Kind.REPLY, story=story, comment=comment, created_at=NOW)
    Preferences.objects.create(user=person)
    StoryWatch.objects.create(user=person, story=story, created_at=NOW)
    TagWatch.objects.create(user=person, tag=tag, created_at=NOW)
    PersonWatch.objects.create(user=person, person=PersonFactory.create(), created_at=NOW)
    endpoint = Endpoint.objects.create(name="Chat", url="https://chat.example/", created_at=NOW)
    Delivery.objects.create(endpoint=endpoint, event=Event.STORY, body="{}", created_at=NOW)
    StoryDelta.objects.create(story=story, ups=1)
    CommentDelta.objects.create(comment=comment, ups=1)
    Recount.objects.create(started_at=NOW)
    jobs.enqueue("jobs.forget_finished")


@pytest.fixture
def administrator(client: Client) -> User:
    person = PersonFactory.create(username="administrator", is_staff=True, is_superuser=True)
    client.force_login(person)
    return person


def address(model: type[Model], page: str, *arguments: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)


@pytest.mark.parametrize("model", OWN_MODELS)
def test_every_model_is_registered_with_a_quick_admin(model: type[Model]) -> None:
    registered = admin.site._registry.get(model)

    assert isinstance(registered, LargeAdmin), f"Register {model.__name__} in its app's admin.py as a LargeAdmin."
    assert not registered.date_hierarchy, "A date hierarchy groups the whole table."


@pytest.mark.parametrize("model", LISTED_MODELS)
def test_every_list_search_filter_and_page_opens(client: Client, administrator: User, model: type[Model]) -> None:
    one_of_each()
    registered = admin.site._registry[model]
    row = model._default_manager.first()
    assert row is not None
    filters = [f"{name}__exact" for name in registered.list_filter]

    pages = [client.get(address(model, "changelist"))]
    pages += [client.get(address(model, "changelist"), {"q": term}) for term in TERMS]
    pages += [client.get(address(model, "changelist"), {name: value}) for name in filters for value in ("0", "1")]
    pages += [client.get(address(model, page, row.pk)) for page in ("change", "history")]

    assert [page.status_code for page in pages] == [200] * len(pages)


@pytest.mark.parametrize("model", [model for model in LISTED_MODELS if admin.site._registry[model].list_filter])
def test_no_filter_breaks(client: Client, administrator: User, model: type[Model]) -> None:
    one_of_each()
    filters = admin.site._registry[model].list_filter
    names = [f"{name}{lookup}" for name in filters for lookup in ("", "__exact", "__in")]

    pages = [client.get(address(model, "changelist"), {name: value}) for name in names for value in BROKEN]

    assert {page.status_code for page in pages} <= {200, 302, 400}


@pytest.mark.parametrize("model", LISTED_MODELS)
def test_more_rows_need_no_more_queries(
    client: Client, administrator: User, count_queries: CountQueries, model: type[Model]
) -> None:
    one_of_each()
    client.get(address(model, "changelist"))
    with count_queries() as few:
        client.get(address(model, "changelist"))
    for _ in range(3):
        one_of_each()

    with count_queries() as many:
        client.get(address(model, "changelist"))

    assert len(many) == len(few) <= 6, many


def test_a_search_finds_people_by_the_beginning_of_their_name(client: Client, administrator: User) -> None:
    PersonFactory.create(username="Marlene")
    PersonFactory.create(username="maren")
    PersonFactory.create(username="zoe")

    found = client.get(address(User, "changelist"), {"q": "MAR"}).context["cl"].result_list

    assert {person.username for person in found} == {"Marlene", "maren"}


def test_counting_ends_where_nobody_turns_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoundedPaginator, "FURTHEST", 2)
    PersonFactory.create_batch(3)

    paginator = BoundedPaginator(User.objects.order_by("-pk"), 10)

    assert paginator.count == 2


def test_what_people_wrote_is_read_only(client: Client, administrator: User) -> None:
    story = StoryFactory.create()

    answers = [
        client.post(address(type(story), "change", story.pk), {"title": "Another"}),
        client.post(address(type(story), "add"), {"title": "New"}),
        client.post(address(type(story), "delete", story.pk), {"post": "yes"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]


def test_an_administrator_gives_rights(client: Client, administrator: User) -> None:
    person = PersonFactory.create()

    client.post(address(User, "change", person.pk), {"is_moderator": "on", "is_active": "on", "karma": "9"})

    person.refresh_from_db()
    assert (person.is_moderator, person.is_staff, person.is_active, person.karma) == (True, False, True, 0)


def test_nobody_changes_their_own_rights(client: Client, administrator: User) -> None:
    client.post(address(User, "change", administrator.pk), {})

    administrator.refresh_from_db()
    assert (administrator.is_staff, administrator.is_superuser, administrator.is_active) == (True, True, True)


def test_plain_staff_give_no_rights(client: Client) -> None:
    client.force_login(PersonFactory.create(is_staff=True))

    answer = client.post(address(User, "change", PersonFactory.create().pk), {"is_staff": "on"})

    assert answer.status_code == 403


def test_plain_staff_give_no_rights_to_their_own_group(client: Client) -> None:
    group = Group.objects.create(name="helpers")
    group.permissions.set(Permission.objects.filter(content_type__model="group"))
    helper = PersonFactory.create(is_staff=True)
    helper.groups.add(group)
    client.force_login(helper)

    look = client.get(address(Group, "changelist"))
    more = {"name": "helpers", "permissions": list(Permission.objects.values_list("pk", flat=True)[:9])}
    answers = [client.post(address(Group, "change", group.pk), more)]
    answers += [client.post(address(Group, "add"), more | {"name": "friends"})]
    answers += [client.post(address(Group, "delete", group.pk), {"post": "yes"})]

    assert look.status_code == 200
    assert [answer.status_code for answer in answers] == [403] * 3
    assert group.permissions.count() == 4


def test_operators_define_communities(client: Client, administrator: User) -> None:
    typed = {"slug": "garden", "name": "Garden", "summary": "", "rules": "Be **kind**."}

    client.post(address(Community, "add"), typed)

    garden = CommunityFactory.create(slug="garden")
    assert (garden.name, garden.rules_html) == ("Garden", "<p>Be <strong>kind</strong>.</p>")


def test_operators_change_tags_but_not_their_names(client: Client, administrator: User) -> None:
    tag = TagFactory.create(name="old")
    typed = {"name": "new", "category": tag.category_id, "summary": "What was.", "hotness_mod": "-0.5"}

    client.post(address(Tag, "change", tag.pk), typed)

    tag.refresh_from_db()
    assert (tag.name, tag.summary, tag.hotness_mod, tag.is_active) == ("old", "What was.", -0.5, False)


def test_operators_appoint_and_dismiss_moderators(client: Client, administrator: User) -> None:
    person, community = PersonFactory.create(), CommunityFactory.create()

    client.post(address(Membership, "add"), {"user": person.pk, "community": community.pk, "is_moderator": "on"})
    membership = Membership.objects.get(user=person, community=community)
    client.post(address(Membership, "change", membership.pk), {})
    community.refresh_from_db()

    assert membership.is_moderator
    assert not Membership.objects.get(pk=membership.pk).is_moderator
    assert community.num_members == 1


def run(client: Client, row: Any, act: str, **typed: object) -> None:
    chosen = {"action": act, "_selected_action": [row.pk], "index": 0} | typed
    client.post(address(type(row), "changelist"), chosen)
    row.refresh_from_db()


def test_moderators_act_on_stories(client: Client, administrator: User) -> None:
    story = StoryFactory.create()

    run(client, story, "remove_story", reason="Spam.")
    run(client, story, "lock_thread", reason="Enough.")

    assert (story.removed_at is None, story.locked_at is None) == (False, False)


def test_an_act_without_reason_changes_nothing(client: Client, administrator: User) -> None:
    comment = CommentFactory.create()

    run(client, comment, "remove_comment", reason=" ")

    assert comment.removed_at is None


@pytest.mark.parametrize(("days", "is_banned"), [("7", True), ("", False), ("x", False), ("-1", False), ("٣", True)])
def test_moderators_ban_for_days(client: Client, administrator: User, days: str, is_banned: bool) -> None:
    person = PersonFactory.create()

    run(client, person, "ban_person", reason="Abuse.", days=days)

    assert (person.banned_until is not None) == is_banned


def test_staff_without_moderation_rights_cannot_act(client: Client) -> None:
    story = StoryFactory.create()
    client.force_login(PersonFactory.create(is_staff=True))

    run(client, story, "remove_story", reason="Spam.")

    assert story.removed_at is None
