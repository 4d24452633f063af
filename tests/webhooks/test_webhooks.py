"""What endpoints are told, how they can prove it, and what becomes of those that do not listen."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from apps.accounts.models import User
from apps.comments.actions import post_comment
from apps.comments.folding import fold_pending
from apps.core import tracing
from apps.jobs import actions as jobs
from apps.jobs.models import Job, State
from apps.moderation.actions.flags import flag_comment, unflag
from apps.moderation.models import LogEntry
from apps.personal.actions.erasure import erase_account
from apps.stories.actions import Draft, submit_story
from apps.stories.models import Story
from apps.votes.actions import cast_story_vote
from apps.webhooks import actions, tasks
from apps.webhooks.models import Delivery, Endpoint, Event
from tests.conftest import CountQueries
from tests.core import internet
from tests.core.internet import Internet
from tests.factories import CommentFactory, CommunityFactory, PersonFactory, StoryFactory
from tests.scene import build

pytestmark = pytest.mark.django_db

PAGE = "hooks.example/in"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[Internet]:
    """Where the endpoint takes what it is sent."""
    with internet.opened() as world:
        world.says(PAGE)
        monkeypatch.setattr(tasks, "Fetcher", world.fetcher)
        yield world


def endpoint(**fields: Any) -> Endpoint:
    """One that wants everything."""
    made = Endpoint(**{"name": "Ours", "url": f"http://{PAGE}", "events": list(Event.values), **fields})
    actions.define_endpoint(endpoint=made, by=PersonFactory.create(is_superuser=True), now=timezone.now())
    return made


def run_all(times: int = 1) -> None:
    """Run the jobs of webhooks, whatever they wait for, and those that they enqueue."""
    for _ in range(times):
        later = timezone.now() + timedelta(days=1)
        for job in Job.objects.filter(state=State.WAITING, name__startswith="webhooks.").order_by("pk"):
            jobs.run_one(job.pk, now=later)


def tell_of(story: Story) -> None:
    jobs.enqueue("webhooks.story", story=story.pk)
    run_all(2)


def received(world: Internet) -> list[tuple[dict[str, str], bytes]]:
    """Headers and body of each request."""
    found = []
    for heard in world.asked:
        head, _, body = heard.partition(b"\r\n\r\n")
        lines = [line.split(": ", 1) for line in head.decode().split("\r\n")[1:]]
        found.append(({name.lower(): value for name, value in lines}, body))
    return found


def test_a_receiver_can_prove_what_it_was_told(world: Internet) -> None:
    hook, story = endpoint(), StoryFactory.create(title="News", url="https://example.org/a")

    tell_of(story)

    [(headers, body)] = received(world)
    found = Webhook(hook.secret).verify(body, headers)
    assert (found["type"], found["data"]["title"], found["data"]["url"]) == (
        "story.submitted",
        "News",
        "https://example.org/a",
    )
    assert found["data"]["page"] == f"http://127.0.0.1:8000{story.get_absolute_url()}"
    delivery = Delivery.objects.get()
    assert (delivery.attempts, delivery.status, delivery.error, headers["webhook-id"]) == (1, 200, "", delivery.key)
    assert delivery.delivered_at


def test_a_receiver_is_told_no_name_of_who_is_erased(world: Internet) -> None:
    endpoint()
    author = PersonFactory.create()
    story = StoryFactory.create(author=author)
    erase_account(by=author, with_texts=False, now=timezone.now())

    tell_of(story)

    [(_, body)] = received(world)
    assert json.loads(body)["data"]["author"] == ""


def test_a_receiver_is_not_told_for_which_request(world: Internet) -> None:
    endpoint()
    with tracing.tracing("4bf92f3577b34da6a3ce929d0e0e4736"):
        jobs.enqueue("webhooks.story", story=StoryFactory.create().pk)

    run_all(2)

    assert set(Job.objects.values_list("request_id", flat=True)) == {"4bf92f3577b34da6a3ce929d0e0e4736"}
    [(headers, _)] = received(world)
    assert not {"traceparent", "tracestate", "x-request-id"} & headers.keys()
    assert b"4bf92f3577b34da6a3ce929d0e0e4736" not in world.asked[0]


def test_nobody_else_can_sign_for_us(world: Internet) -> None:
    endpoint()
    tell_of(StoryFactory.create())
    [(headers, body)] = received(world)

    with pytest.raises(WebhookVerificationError):
        Webhook(Endpoint(name="Other").secret).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(Endpoint.objects.get().secret).verify(body + b" ", headers)


def test_every_event_says_what_happened(world: Internet) -> None:
    endpoint()
    scene = build(timezone.now())
    jobs.enqueue("webhooks.comment", comment=scene.comment.pk)
    jobs.enqueue("webhooks.milestone", story=scene.story.pk, points=10)
    flag_comment(by=scene.member, comment=scene.comment, reason="unkind", note="It is Sam again.", now=timezone.now())
    jobs.enqueue("webhooks.moderation", entry=LogEntry.objects.get(act=LogEntry.Act.REMOVE_COMMENT).pk)

    run_all(2)

    told = {json.loads(body)["type"]: json.loads(body)["data"] for _, body in received(world)}
    assert set(told) == set(Event.values) - {Event.STORY}
    assert told["comment.posted"]["author"] == "sam"
    assert (told["story.milestone"]["points"], told["story.milestone"]["id"]) == (10, scene.story.pk)
    assert told["flag.raised"] | {"comment": scene.comment.pk, "reason": "unkind"} == told["flag.raised"]
    assert not {"mia", "Sam"} & set(re.findall(r"\w+", json.dumps(told["flag.raised"])))
    act = told["moderation.acted"]
    assert (act["moderator"], act["person"], act["reason"], act["until"]) == ("mo", "", "Rude.", None)


@pytest.mark.drifts(reason="points without votes")
def test_what_people_do_is_told_by_itself(world: Internet) -> None:
    endpoint()
    scene = build(timezone.now())
    now = timezone.now()
    Story.objects.filter(pk=scene.story.pk).update(base_ups=9, ups=9, score=9)
    draft = Draft(title="New", text="Text.", tags=("django",))
    submit_story(by=scene.stranger, community=scene.story.community, draft=draft, now=now)
    post_comment(by=scene.stranger, story=scene.story, text="Indeed.", now=now)
    cast_story_vote(by=scene.stranger, story=scene.story, now=now)
    fold_pending()

    run_all(2)

    told = Counter(json.loads(body)["type"] for _, body in received(world))
    assert told == {Event.STORY: 1, Event.COMMENT: 1, Event.MILESTONE: 1, Event.MODERATION: 2}


def test_only_who_wants_it_is_told(world: Internet) -> None:
    here, there = CommunityFactory.create(slug="here"), CommunityFactory.create(slug="there")
    wishes: dict[str, dict[str, Any]] = {
        "all": {},
        "here": {"community": here},
        "there": {"community": there},
        "comments": {"events": [Event.COMMENT]},
        "off": {"is_active": False},
    }
    for name, fields in wishes.items():
        endpoint(name=name, **fields)

    tell_of(StoryFactory.create(community=here))

    assert sorted(Delivery.objects.values_list("endpoint__name", flat=True)) == ["all", "here"]


@pytest.mark.drifts(reason="what went without an action")
@pytest.mark.parametrize(
    "fields", [{"removed_at": timezone.now()}, {"deleted_at": timezone.now()}, {"held_at": timezone.now()}]
)
def test_what_is_gone_by_then_is_not_told(world: Internet, fields: dict[str, Any]) -> None:
    endpoint()
    story = StoryFactory.create()
    comment = CommentFactory.create(story=story)
    Story.objects.update(**fields)
    comment.removed_at = timezone.now()
    comment.save()

    jobs.enqueue("webhooks.comment", comment=comment.pk)
    tell_of(story)

    assert not Delivery.objects.exists()


def test_a_flag_is_told_once_and_not_when_it_was_taken_back(world: Internet) -> None:
    endpoint()
    comment, fickle, steady = CommentFactory.create(), PersonFactory.create(), PersonFactory.create()
    for person in (fickle, steady):
        for _ in range(2):
            flag_comment(by=person, comment=comment, reason="spam", now=timezone.now())
    unflag(by=fickle, item=comment)

    run_all(2)
    unflag(by=steady, item=comment)
    flag_comment(by=steady, comment=comment, reason="spam", now=timezone.now())
    run_all(2)

    assert Delivery.objects.count() == 1


def test_a_site_without_endpoints_pays_a_query(count_queries: CountQueries) -> None:
    with count_queries() as queries:
        actions.tell(event=Event.STORY, community_id=1, now=timezone.now(), say=dict)

    assert len([query for query in queries if "SAVEPOINT" not in query]) == 1


@pytest.mark.parametrize("status", ["500 No", "404 No", "301 Moved", "302 Found"])
def test_a_message_that_is_not_taken_is_sent_again_with_the_same_id(world: Internet, status: str) -> None:
    endpoint()
    world.says(PAGE, status=status, location="http://127.0.0.1/")
    tell_of(StoryFactory.create())
    failed = Delivery.objects.get()
    world.says(PAGE)

    run_all()

    taken = Delivery.objects.get()
    assert (failed.attempts, failed.status, failed.delivered_at) == (1, int(status[:3]), None)
    assert (taken.attempts, taken.status) == (2, 200)
    assert len({headers["webhook-id"] for headers, _ in received(world)}) == 1
    assert Endpoint.objects.get().failing_since is None


@pytest.mark.parametrize(
    ("name", "fault"),
    [("127.0.0.1", "private-address"), ("10.0.0.1", "private-address"), ("169.254.169.254", "private-address")],
)
def test_nothing_is_sent_to_private_addresses(world: Internet, name: str, fault: str) -> None:
    world.names["hooks.example"] = [[name]]
    endpoint()

    tell_of(StoryFactory.create())

    assert (Delivery.objects.get().error, world.asked) == (fault, [])


def test_an_endpoint_that_fails_for_days_is_switched_off_and_its_owner_told(world: Internet) -> None:
    hook = endpoint()
    assert hook.created_by
    User.objects.filter(pk=hook.created_by.pk).update(email="ann@example.org")
    world.says(PAGE, status="500 No")
    tell_of(StoryFactory.create())
    assert Endpoint.objects.get().is_active
    Endpoint.objects.update(failing_since=timezone.now() - timedelta(days=4))

    run_all(2)

    assert not Endpoint.objects.get().is_active
    [message] = mail.outbox
    assert (message.to, message.subject) == (["ann@example.org"], "Webhook switched off: Ours")
    asked = len(world.asked)
    run_all(2)
    assert len(world.asked) == asked


def test_an_endpoint_that_fails_is_left_alone_for_a_while(world: Internet) -> None:
    endpoint()
    world.says(PAGE, status="500 No")
    tell_of(StoryFactory.create())
    Endpoint.objects.update(failing_since=timezone.now() - timedelta(hours=1))
    run_all()
    world.says(PAGE)

    run_all(3)
    resting, asked, waiting = Endpoint.objects.get(), len(world.asked), Delivery.objects.get()
    Endpoint.objects.update(rests_until=timezone.now())
    run_all()

    assert resting.is_resting(timezone.now() + timedelta(minutes=5))
    assert not resting.is_resting(timezone.now() + timedelta(minutes=7))
    assert (asked, len(world.asked)) == (2, 3)
    assert (waiting.attempts, waiting.status, waiting.error) == (5, 500, "resting")
    assert (Delivery.objects.get().attempts, Delivery.objects.get().status) == (6, 200)
    assert Endpoint.objects.get().rests_until is None


@pytest.mark.parametrize("fields", [{"is_superuser": False}, {"is_active": False}, {"email": ""}])
def test_when_the_owner_is_no_administrator_any_more_all_are_told(fields: dict[str, Any]) -> None:
    hook = endpoint()
    PersonFactory.create(is_superuser=True, email="root@example.org")
    User.objects.filter(pk__in=[hook.created_by_id]).update(**{"email": "ann@example.org", **fields})

    tasks.mail_notice(endpoint=hook.pk)

    [message] = mail.outbox
    assert message.to == ["root@example.org"]


def test_a_message_that_nobody_takes_is_given_up_without_being_the_fault_of_the_site(world: Internet) -> None:
    endpoint()
    world.says(PAGE, status="500 No")
    tell_of(StoryFactory.create())

    run_all(actions.ATTEMPTS)

    delivery = Delivery.objects.get()
    assert (delivery.attempts, delivery.status, delivery.delivered_at) == (actions.ATTEMPTS, 500, None)
    assert set(Job.objects.filter(name="webhooks.deliver").values_list("state", flat=True)) == {State.DONE}
    world.says(PAGE)
    actions.replay(deliveries=Delivery.objects.all())
    run_all()
    assert Delivery.objects.get().delivered_at


def test_what_was_erased_meanwhile_is_not_sent(world: Internet) -> None:
    endpoint()
    jobs.enqueue("webhooks.story", story=StoryFactory.create().pk)
    run_all()
    Delivery.objects.all().delete()

    run_all()

    assert world.asked == []
    assert set(Job.objects.values_list("state", flat=True)) == {State.DONE}


def test_an_endpoint_that_is_switched_on_again_starts_anew(world: Internet) -> None:
    hook = endpoint()
    Endpoint.objects.update(is_active=False, failing_since=timezone.now())
    hook.refresh_from_db()
    hook.is_active = True

    actions.define_endpoint(endpoint=hook, by=PersonFactory.create(), now=timezone.now())

    assert Endpoint.objects.get().failing_since is None


def test_a_message_can_be_sent_again_from_the_log(world: Internet, client: Client) -> None:
    endpoint()
    tell_of(StoryFactory.create())
    client.force_login(PersonFactory.create(is_staff=True, is_superuser=True))
    chosen = {"action": "replay", "_selected_action": [Delivery.objects.get().pk]}

    answer = client.post(reverse("admin:webhooks_delivery_changelist"), chosen, follow=True)
    run_all()

    assert "Messages that will be sent again: 1." in answer.content.decode()
    assert len(world.asked) == 2
    assert len({headers["webhook-id"] for headers, _ in received(world)}) == 1


def test_nothing_is_sent_again_to_an_endpoint_that_is_switched_off(world: Internet, client: Client) -> None:
    hook = endpoint()
    tell_of(StoryFactory.create())
    Endpoint.objects.filter(pk=hook.pk).update(is_active=False)
    client.force_login(PersonFactory.create(is_staff=True, is_superuser=True))
    chosen = {"action": "replay", "_selected_action": [Delivery.objects.get().pk]}

    answer = client.post(reverse("admin:webhooks_delivery_changelist"), chosen, follow=True)

    said = "Messages that will be sent again: 0. Not sent, since their endpoints are switched off: 1."
    assert said in answer.content.decode()
    assert Delivery.objects.get().delivered_at


def test_an_administrator_sets_an_endpoint_up(client: Client) -> None:
    person = PersonFactory.create(is_staff=True, is_superuser=True)
    client.force_login(person)
    form = {"name": "Chat", "url": "https://chat.example/hook", "events": ["comment.posted"], "is_active": "on"}

    answer = client.post(reverse("admin:webhooks_endpoint_add"), form)

    assert answer.status_code == 302
    made = Endpoint.objects.get()
    assert (made.events, made.created_by, made.secret[:6]) == (["comment.posted"], person, "whsec_")
    assert made.secret in client.get(reverse("admin:webhooks_endpoint_change", args=[made.pk])).content.decode()


@pytest.mark.parametrize(
    "url",
    ["", "ftp://x.example/", "javascript:alert(1)", "https://", "x" * 501, "http://a b/", "https://a.example:8443/"],
)
def test_an_address_that_is_none_is_refused(client: Client, url: str) -> None:
    client.force_login(PersonFactory.create(is_staff=True, is_superuser=True))

    answer = client.post(
        reverse("admin:webhooks_endpoint_add"), {"name": "x", "url": url, "events": ["comment.posted"]}
    )

    assert answer.status_code == 200
    assert not Endpoint.objects.exists()


def test_old_messages_are_forgotten(world: Internet) -> None:
    endpoint()
    for _ in range(2):
        tell_of(StoryFactory.create())
    old = Delivery.objects.earliest("pk")
    Delivery.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=31))

    actions.forget_old(now=timezone.now())

    assert not Delivery.objects.filter(pk=old.pk).exists()
    assert Delivery.objects.count() == 1
