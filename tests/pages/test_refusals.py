"""A refusal says why, and gives back what was typed."""

from datetime import timedelta
from html import escape

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from apps.core.views import failure
from tests.factories import PersonFactory, TagFactory
from tests.scene import Scene

LONG = "It took me an evening to write this.\n\nA second paragraph, with <b>angles</b> & more."


def test_a_form_that_a_visitor_sent_comes_back_to_be_sent_again(client: Client, scene: Scene) -> None:
    answer = client.post(f"/s/{scene.story.pk}/comments/", {"text": LONG})

    assert answer.status_code == 403
    assert "Log in first" in answer.content.decode()
    assert escape(LONG) in answer.content.decode()


def test_a_visitor_who_sent_a_form_can_log_in_without_leaving_it(client: Client, scene: Scene) -> None:
    answer = client.post(f"/s/{scene.story.pk}/comments/", {"text": LONG})

    assert '<a class="button" href="/account/login/" target="_blank">' in answer.content.decode()


def test_whoever_looks_at_an_address_that_is_only_sent_to_meets_a_page(client: Client, scene: Scene) -> None:
    answer = client.get(f"/s/{scene.story.pk}/vote")

    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "There is nothing to see at this address" in answer.content.decode()
    assert "To the front page" in answer.content.decode()


def test_a_form_without_its_token_comes_back_to_be_sent_again(scene: Scene) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(scene.member)

    answer = client.post(f"/comments/{scene.comment.pk}/reply", {"text": LONG})

    assert answer.status_code == 403
    assert "open for too long" in answer.content.decode()
    assert escape(LONG) in answer.content.decode()
    assert "csrfmiddlewaretoken" in answer.content.decode()


def test_what_another_site_has_filled_in_is_not_offered_to_be_sent_again(scene: Scene) -> None:
    client = Client(enforce_csrf_checks=True, headers={"Origin": "https://evil.example"})
    client.force_login(scene.member)

    answer = client.post(f"/comments/{scene.comment.pk}/reply", {"text": "Buy my boat."})

    assert answer.status_code == 403
    assert "sent by another site" in answer.content.decode()
    assert "Buy my boat." not in answer.content.decode()
    assert "Send again" not in answer.content.decode()


def test_a_comment_on_a_locked_thread_comes_back(client: Client, scene: Scene) -> None:
    client.force_login(scene.member)

    answer = client.post(f"/s/{scene.locked.pk}/comments/", {"text": LONG})

    assert answer.status_code == 422
    assert "takes no new comments" in answer.content.decode()
    assert escape(LONG) in answer.content.decode()


def test_a_banned_member_gets_back_what_was_typed(client: Client, scene: Scene) -> None:
    banned = PersonFactory.create(banned_until=timezone.now() + timedelta(days=3))
    client.force_login(banned)

    answer = client.post(f"/s/{scene.story.pk}/comments/", {"text": LONG})

    assert "You are banned until" in answer.content.decode()
    assert escape(LONG) in answer.content.decode()


def test_a_banned_member_hears_of_it_before_typing(client: Client, scene: Scene) -> None:
    client.force_login(PersonFactory.create(banned_until=timezone.now() + timedelta(days=3)))

    thread = client.get(scene.story.get_absolute_url())
    forms = [client.get(path) for path in ("/submit", f"/comments/{scene.comment.pk}/reply")]

    assert [answer.status_code for answer in (thread, *forms)] == [200, 403, 403]
    for answer in (thread, *forms):
        assert "You are banned until" in answer.content.decode()
        assert "<textarea" not in answer.content.decode()


def test_every_chosen_tag_comes_back(client: Client, scene: Scene) -> None:
    typed = {"title": "T", "text": LONG, "tags": ["django", "rust"], "community": "town"}

    answer = client.post("/submit", typed)

    assert 'value="django"' in answer.content.decode()
    assert 'value="rust"' in answer.content.decode()


def test_a_password_never_comes_back(scene: Scene) -> None:
    client = Client(enforce_csrf_checks=True)

    answer = client.post("/account/login/", {"login": "mia", "password": "correct horse"})

    assert answer.status_code == 403
    assert 'value="mia"' in answer.content.decode()
    assert "correct horse" not in answer.content.decode()


def test_submitting_a_known_link_leads_to_its_discussion_and_keeps_the_form(client: Client, scene: Scene) -> None:
    TagFactory.create(name="web")
    client.force_login(scene.stranger)
    typed = {"url": "https://example.org/a", "title": "Again", "text": LONG, "tags": "web", "community": "town"}

    answer = client.post("/submit", typed)

    assert answer.status_code == 422
    assert scene.story.get_absolute_url() in answer.content.decode()
    assert escape(LONG) in answer.content.decode()


def test_an_unknown_address_says_so_and_asks_for_nothing(client: Client, scene: Scene) -> None:
    answer = client.get("/nowhere")

    assert answer.status_code == 404
    assert "There is nothing at this address." in answer.content.decode()
    assert not answer.cookies


def test_a_damaged_address_says_so(client: Client, scene: Scene) -> None:
    answer = client.get("/", {"after": "1e400~1"})

    assert answer.status_code == 400
    assert "damaged" in answer.content.decode()


def test_a_failure_answers_with_an_apology_that_needs_no_database(rf: RequestFactory) -> None:
    answer = failure(rf.get("/"))

    assert answer.status_code == 500
    assert "Something broke on our side" in answer.content.decode()


@pytest.mark.parametrize("path", ["/submit", "/settings/notifications", "/settings/tokens", "/settings/apps"])
def test_a_form_without_any_field_was_sent_too(client: Client, scene: Scene, path: str) -> None:
    client.force_login(scene.member)

    assert client.post(path).status_code == 422
