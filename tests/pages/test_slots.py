"""Slots are cheap, work for visitors before any middleware ran, and are all of a page that knows who looks."""

import re

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import RequestFactory

from apps.pagecache import slots
from tests.conftest import CountQueries
from tests.scene import Scene

TEMPLATES = settings.BASE_DIR / "templates"
NOON = "2026-03-01T12:00:00+00:00"
# Each kind with the arguments of two slots.
KINDS: dict[str, list[tuple[object, ...]]] = {
    **{kind: [(), ()] for kind in ("account", "act", "flagged", "inbox_feed", "messages", "notice", "theme")},
    "theme_choice": [(), ()],
    **{kind: [(1,), (2,)] for kind in ("comment_form", "story_marks", "unwanted", "watch_story")},
    **{kind: [(1, 8, 1), (2, 3, None)] for kind in ("comment_vote", "story_vote")},
    **{kind: [(1, 1, 0), (2, None, 0)] for kind in ("comment_tools", "story_tools")},
    **{kind: [("mia",), ("sam",)] for kind in ("moderate_person", "mute_person", "watch_person")},
    **{kind: [("django",), ("rust",)] for kind in ("mute_tag", "mute_domain", "membership", "watch_tag")},
    **{kind: [(1, 1), (2, None)] for kind in ("flag_comment", "flag_story")},
    "moderate_community": [(1,), (2,)],
    "moderate_comment": [(1, 1, False), (2, 2, True)],
    "moderate_story": [(1, 1, False, True), (2, 2, True, False)],
    "unread": [(1, 1, 1, 0.5), (1, 2, None, 1.5)],
    "visit": [(1, NOON), (2, NOON)],
}
# On pages of one's own only; and filled once for all.
OTHERS = {"csrf", "removal"}


def filled(request: HttpRequest, kind: str) -> str:
    return slots.fill(request, "".join(slots.slot(kind, *arguments) for arguments in KINDS[kind]))


def test_every_kind_is_tried_here() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html"))

    assert set(re.findall(r"""slot\(["']([a-z_]+)["']""", texts)) == KINDS.keys() | OTHERS


@pytest.mark.parametrize("kind", KINDS)
def test_a_slot_costs_a_member_at_most_one_query(
    rf: RequestFactory, scene: Scene, count_queries: CountQueries, kind: str
) -> None:
    for member in (scene.member, scene.moderator):
        request = rf.get("/newest")
        request.user = member

        with count_queries() as queries:
            filled(request, kind)

        assert len(queries) <= 1


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "HX-Current-URL": "http://testserver/top"}])
def test_a_slot_costs_a_visitor_neither_query_nor_session_nor_token(
    rf: RequestFactory, count_queries: CountQueries, kind: str, headers: dict[str, str]
) -> None:
    request = rf.get("/newest", headers=headers)
    request.user = AnonymousUser()

    with count_queries() as queries:
        html = filled(request, kind)

    assert queries == []
    assert "CSRF_COOKIE" not in request.META
    assert 'form="act"' not in html


def test_no_template_asks_who_looks() -> None:
    found = []
    for path in TEMPLATES.rglob("*.html"):
        code = " ".join(re.findall(r"{[{%].*?[%}]}", path.read_text(encoding="utf-8"), re.DOTALL))
        found += [f"{path.name}: {name}" for name in re.findall(r"(?<![.\w])(?:request|user|csrf_\w+)\b", code)]

    assert found == [], "What depends on the viewer is a slot: see docs/architecture.md"
