"""What crawlers are asked to leave out."""

from fnmatch import fnmatch

from django.test import Client

from tests.scene import Scene


def test_crawlers_read_all_but_forms_and_what_costs_much(client: Client, scene: Scene) -> None:
    answer = client.get("/robots.txt")
    first, *rules = answer.content.decode().splitlines()
    barred = [rule.removeprefix("Disallow: ") for rule in rules]
    pages = [*scene.public_pages(), *scene.public_answers(), *scene.visitor_pages(), *scene.member_pages()]

    assert (answer["Content-Type"], first) == ("text/plain; charset=utf-8", "User-agent: *")
    assert [rule for rule in barred if not any(fnmatch(page, f"{rule}*") for page in pages)] == []
    for page in ("/", "/newest", "/c/town/", "/u/mia/", "/comments/", "/api/docs", scene.story.get_absolute_url()):
        assert not any(fnmatch(page, f"{rule}*") for rule in barred), page
