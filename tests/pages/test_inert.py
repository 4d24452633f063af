"""What people typed comes out as text, never as markup, script or address, on every page that shows it."""

from html.parser import HTMLParser

import pytest
from django.test import Client
from django.utils import timezone

from apps.communities.actions import define_community
from apps.notifications.actions.telling import tell_of_comment
from tests.factories import CommentFactory, CommunityFactory, PersonFactory, StoryFactory

ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "{{ 7 * 7 }}{% raise %}",
    "</textarea></title><svg onload=alert(1)>",
    "<!-- \u202e<style>*{display:none}</style>",
]


class Inspector(HTMLParser):
    """Collects what acts: scripts without an address, styles, event attributes, foreign schemes."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in {"style", "iframe", "img"} or (tag == "script" and not str(values.get("src")).startswith("/static/")):
            self.faults.append(tag)
        self.faults += [name for name in values if name.startswith("on") or name == "style"]
        self.faults += [str(value) for value in values.values() if str(value).strip().lower().startswith("javascript:")]


@pytest.mark.django_db
@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_texts_come_out_inert(client: Client, attack: str) -> None:
    now = timezone.now()
    member = PersonFactory.create(username="mia", about=attack, about_html="")
    town = define_community(slug="town", name=attack, summary=attack, rules=attack, now=now)
    story = StoryFactory.create(community=town, author=member, title=attack, text=attack, created_at=now)
    comment = CommentFactory.create(story=story, author=member, text=attack)
    client.force_login(member)
    pages = ["/", "/c/", "/c/town/", "/c/town/about", "/comments/", "/u/mia/", "/settings", f"/s/{story.pk}/rank"]
    pages += [story.get_absolute_url(), comment.get_absolute_url(), f"/comments/{comment.pk}/edit"]
    reader = PersonFactory.create()
    reply = CommentFactory.create(parent=CommentFactory.create(story=story, author=reader), author=member, text=attack)
    tell_of_comment(comment=reply, now=now)
    pages += [f"/s/{story.pk}/edit", f"/s/{story.pk}/deletion", f"/comments/{comment.pk}/deletion"]

    inspector = Inspector()
    for path in pages:
        inspector.feed(client.get(path).content.decode())
    client.force_login(reader)
    inspector.feed(client.get("/inbox").content.decode())

    assert inspector.faults == []


@pytest.mark.django_db
@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_input_comes_back_inert(client: Client, attack: str) -> None:
    member = PersonFactory.create()
    CommunityFactory.create(slug="town")
    client.force_login(member)
    typed = {"url": attack, "title": attack, "text": attack, "tags": [attack], "community": attack}

    answers = [
        client.post("/submit", typed),
        client.get("/submit", {"url": attack, "title": attack, "community": attack}),
        client.post("/settings", {"about": attack * 1000}),
        client.post("/settings/notifications", {"reply": attack, "digest": attack}),
        client.post("/preview", {"text": attack}),
        client.post("/s/999/comments/", {"text": attack, attack: attack}),
    ]

    inspector = Inspector()
    for answer in answers:
        inspector.feed(answer.content.decode())
    assert inspector.faults == []
    assert answers[0].status_code == 422
