"""The page of results, over HTTP."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.accounts.actions import mute_person
from apps.search import queries
from apps.search.engines import database
from apps.search.engines.engine import TooSlow
from apps.search.models import Document
from apps.stories.actions import delete_story
from tests.conftest import CountQueries
from tests.core import hostile
from tests.factories import NOW, CommentFactory, PersonFactory, StoryFactory, TagFactory
from tests.scene import Scene, build
from tests.search.indexing import index_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("each_engine")]


def test_the_page_explains_itself(client: Client) -> None:
    page = client.get("/search").content.decode()

    assert "How to search" in page
    assert 'href="?q=tag%3Apython%2Cask"' in page


def test_results_are_stories_and_comments_with_what_was_found_marked(client: Client) -> None:
    story = StoryFactory.create(title="Waves of sound", created_at=timezone.now())
    comment = CommentFactory.create(story=story, text="A wave & a half.", created_at=timezone.now())
    index_all()

    page = client.get("/search", {"q": "wave"}).content.decode()

    assert "2 results" in page
    assert "<mark>Waves</mark> of sound</a>" in page
    assert "A <mark>wave</mark> &amp; a half" in page
    assert f'href="/comments/{comment.pk}"' in page
    assert f'id="s{story.pk}-vote"' in page


def test_people_and_tags_stand_above_when_their_names_begin_so(client: Client) -> None:
    PersonFactory.create(username="waverly")
    TagFactory.create(name="waves", summary="What comes and goes.")
    index_all()

    page = client.get("/search", {"q": "wave"}).content.decode()

    assert 'href="/u/waverly/"' in page
    assert 'href="/t/waves/"' in page
    assert "Nothing was found" not in page


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("score>many", 400, "“score&gt;many”: score&gt; takes a whole number"),
        ("tag:none", 400, "there is no tag of that name"),
        ("x" * 100_000, 400, "at most 300 characters; this one has 100,000"),
        ("!!!", 400, "There is no word in"),
        ("nowhere", 200, "Nothing was found."),
        ("   ", 200, "How to search"),
    ],
)
def test_bad_and_empty_searches_say_what_to_do(client: Client, query: str, status: int, words: str) -> None:
    answer = client.get("/search", {"q": query})

    assert answer.status_code == status
    assert words in answer.content.decode()
    assert "How to search" in answer.content.decode()


def test_a_damaged_cursor_is_refused(client: Client) -> None:
    assert client.get("/search", {"q": "wave", "after": "x~y"}).status_code == 400


@pytest.mark.parametrize("typed", [*hostile.HTML[:6], "</mark><script>", '"><img src=x>', "{{ 7*7 }}"])
def test_what_was_typed_comes_back_inert(client: Client, typed: str) -> None:
    StoryFactory.create(title=typed[:150], text=typed, created_at=timezone.now())
    index_all()

    page = client.get("/search", {"q": f"alert OR script OR img OR 7 {typed[:150]}"}).content.decode()

    assert "<img" not in page
    assert "<script>" not in page


def test_search_engines_are_asked_to_leave_results_alone(client: Client) -> None:
    StoryFactory.create(title="Waves")
    index_all()

    page = client.get("/search", {"q": "  waves  is:story", "order": "newest", "utm_source": "x"}).content.decode()

    assert '<meta name="robots" content="noindex">' in page
    assert '<link rel="canonical" href="/search?q=waves+is%3Astory&amp;order=newest">' in page


def test_operators_can_be_taken_off_and_tabs_turn_the_search(client: Client) -> None:
    TagFactory.create(name="physics")
    StoryFactory.create(title="Waves")
    index_all()

    page = client.get("/search", {"q": "waves -tag:physics is:story"}).content.decode()

    assert 'href="?q=waves+is%3Astory"' in page
    assert 'href="?q=waves+-tag%3Aphysics+is%3Acomment"' in page
    assert 'href="?q=waves+-tag%3Aphysics"' in page


def test_pages_follow_each_other(client: Client) -> None:
    for number in range(30):
        StoryFactory.create(title=f"Wave {number}", created_at=NOW + timedelta(hours=number))
    index_all()

    first = client.get("/search?q=wave&order=newest").content.decode()
    link = first.split('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    second = client.get(f"/search{link}").content.decode()

    assert first.count('class="story hit"') == 25
    assert second.count('class="story hit"') == 5
    assert 'rel="prev"' in second


def test_a_common_word_says_how_far_back_was_searched(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST", 2)
    for days in range(4):
        StoryFactory.create(title="Wave", created_at=NOW - timedelta(days=days))
    index_all()

    page = client.get("/search?q=wave").content.decode()

    assert "2 results since February 28, 2026" in page
    assert 'href="?q=wave+before%3A2026-03-01"' in page


def test_a_search_that_takes_too_long_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise TooSlow

    monkeypatch.setattr(queries, "_matches", never)

    answer = client.get("/search?q=wave")

    assert "This search took too long. Add a word" in answer.content.decode()


def test_questions_end_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database(), "TIME_LIMIT_SECONDS", 0.02)
    long = "SELECT count(*) FROM generate_series(1, 1000000000)"
    if connection.vendor == "sqlite":
        long = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1e10) SELECT count(*) FROM n"

    with pytest.raises(TooSlow), database().time_limit("default"), connection.cursor() as cursor:
        cursor.execute(long)

    assert Document.objects.count() == 0


def test_members_do_not_see_stories_of_whom_they_mute(client: Client) -> None:
    reader, bore = PersonFactory.create(), PersonFactory.create()
    story = StoryFactory.create(title="Waves", author=bore)
    mute_person(by=reader, person=bore, now=NOW)
    index_all()
    client.force_login(reader)

    assert f'id="s{story.pk}" hidden' in client.get("/search?q=waves").content.decode()


def test_a_kept_page_of_results_follows_a_deletion(client: Client) -> None:
    scene: Scene = build(timezone.now())
    assert "Why I <mark>wrote</mark>" in client.get("/search?q=wrote").content.decode()

    delete_story(by=scene.member, story=scene.story, now=timezone.now())

    assert "Nothing was found" in client.get("/search?q=wrote").content.decode()


def test_a_page_costs_the_same_however_much_it_holds(client: Client, count_queries: CountQueries) -> None:
    costs = []
    for size in (3, 20):
        for number in range(size):
            story = StoryFactory.create(title=f"Wave {number}", tags=(TagFactory.create(),))
            CommentFactory.create(story=story, text="A wave.")
        index_all()
        with count_queries() as asked:
            client.get(f"/search?q=wave{' ' * size}")
        costs.append(len([sql for sql in asked if not sql.startswith(("SAVEPOINT", "RELEASE", "SET", "INSERT"))]))

    assert costs[0] == costs[1] <= 12


def test_every_page_has_the_form(client: Client) -> None:
    page = client.get("/").content.decode()

    assert 'role="search"' in page
    assert 'class="site-search-link"' in page
