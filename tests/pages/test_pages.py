"""Every page answers whoever may open it, and is the same for all visitors."""

import re

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from tests.scene import Scene

# Addresses that only take forms or answer background requests, and signs of what the site's settings leave out.
WITHOUT_A_PAGE = {
    *("votes:story", "votes:comment", "comments:post", "comments:visit", "core:preview", "core:theme"),
    *("stories:save", "stories:hide", "stories:mute_domain", "stories:duplicate", "previews:thumbnail"),
    *("hackernews:nothing", "core:robots"),
    *("communities:membership", "communities:mute_tag", "accounts:mute"),
    *("notifications:mark", "notifications:watch_story", "notifications:mute_thread"),
    *("notifications:watch_tag", "notifications:watch_person"),
    *("account_confirm_login_code", "account_reauthenticate", "account_set_password"),
    *("moderation:story_dismissal", "moderation:comment_dismissal", "account_reset_password_from_key_done"),
    # The page of the last question stands behind the password: tests/journeys/test_personal.py.
    *("personal:export", "personal:download", "personal:erasure"),
    # Among the admin's addresses, but not of its namespace.
    *("page_cache", "recounts", "operations", "profile", "profiles"),
    # For the site itself.
    *("canary:canary", "canary:songs"),
}
# Their addresses are tested one by one in tests/core/test_admin.py and tests/api.
NO_PAGES = {"admin", "api", "oauth2_provider"}


def test_every_page_answers_a_visitor(client: Client, scene: Scene) -> None:
    pages = scene.public_pages() + scene.visitor_pages()

    statuses = {path: client.get(path).status_code for path in pages}

    assert set(statuses.values()) == {200}, statuses


def test_every_page_answers_a_member(client: Client, scene: Scene) -> None:
    client.force_login(scene.member)

    statuses = {path: client.get(path).status_code for path in scene.public_pages() + scene.member_pages()}

    assert set(statuses.values()) == {200}, statuses


def test_every_page_answers_a_moderator(client: Client, scene: Scene) -> None:
    client.force_login(scene.moderator)

    statuses = {path: client.get(path).status_code for path in scene.public_pages() + scene.moderator_pages()}

    assert set(statuses.values()) == {200}, statuses


def test_members_pages_send_visitors_to_the_log_in_page(client: Client, scene: Scene) -> None:
    pages = [path for path in scene.member_pages() if not path.startswith("/account/")]

    answers = {path: client.get(path).headers.get("Location") for path in pages}

    assert answers == {path: f"/account/login/?next={path}" for path in pages}


def test_visitors_get_neither_cookie_nor_token(client: Client, scene: Scene) -> None:
    pages = [path for path in scene.public_pages() if not path.startswith("/account/")]

    answers = {path: client.get(path) for path in pages}

    assert [path for path, answer in answers.items() if answer.cookies] == []
    assert [path for path, answer in answers.items() if b"csrfmiddlewaretoken" in answer.content] == []


def test_pages_hold_nothing_that_the_content_policy_forbids(client: Client, scene: Scene) -> None:
    client.force_login(scene.moderator)

    texts = {path: client.get(path).content.decode() for path in scene.public_pages() + scene.moderator_pages()}

    forbidden = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?! src=)|javascript:", re.IGNORECASE)
    assert {path: forbidden.findall(text) for path, text in texts.items() if forbidden.search(text)} == {}


def test_every_page_has_one_main_heading_and_a_title(client: Client, scene: Scene) -> None:
    client.force_login(scene.member)

    texts = {path: client.get(path).content.decode() for path in scene.public_pages() + scene.member_pages()}

    assert {path: text.count("<h1") for path, text in texts.items() if text.count("<h1") != 1} == {}
    assert all(re.search(r"<title>\s*\S", text) for text in texts.values())


def test_the_scene_holds_every_page_of_the_site(scene: Scene) -> None:
    pages = scene.public_pages() + scene.visitor_pages() + scene.member_pages() + scene.moderator_pages()
    pages += scene.program_pages()

    missing = _names(get_resolver().url_patterns) - {
        _base_name(resolve(path.partition("?")[0]).view_name) for path in pages
    }

    assert missing == WITHOUT_A_PAGE, "Add new pages to tests/scene.py"


def _names(patterns: list[URLPattern | URLResolver], prefix: str = "") -> set[str]:
    names = set()
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            names.add(_base_name(f"{prefix}{pattern.name}"))
        elif pattern.namespace not in NO_PAGES:
            names |= _names(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else prefix)
    return names


def _base_name(name: str) -> str:
    """A list counts once for all its orders."""
    return re.sub("_(ordered|top)$", "", name)
