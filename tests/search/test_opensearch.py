"""OpenSearch: what it is told and forgets, and what people read when it fails. What it finds: the other tests."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from socket import socket
from threading import Thread
from typing import Any

import httpx
import pytest
from django.test import Client
from pytest_django import Settings

from apps.comments.actions import post_comment
from apps.comments.models import Comment
from apps.jobs.models import State
from apps.personal.actions.erasure import erase_account, erase_some
from apps.search import actions
from apps.search.engines import opensearch as engine
from apps.search.engines.engine import OutOfOrder
from apps.search.language import parse
from apps.search.models import Document
from apps.search.queries import search
from tests.factories import NOW, CommentFactory, PersonFactory, StoryFactory, TagFactory
from tests.jobs.names import enqueued, run
from tests.search.indexing import found, index_all, run_jobs

pytestmark = pytest.mark.django_db

# Sets the status and the text of every answer.
Saying = Callable[[int, str], None]
NO_SHARD: dict[str, Any] = {"timed_out": False, "_shards": {"failed": 1}, "hits": {"hits": []}}


def held(address: str) -> list[str]:
    """All that the server holds, as text."""
    hits = httpx.get(f"{address}/_search", params={"size": 1000}).raise_for_status().json()["hits"]["hits"]
    return [json.dumps(hit["_source"]) for hit in hits]


@pytest.fixture
def saying(settings: Settings, hung_up: None) -> Iterator[Saying]:
    """A server that answers all the same."""
    said: dict[str, Any] = {"status": 200, "text": ""}

    class Server(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(said["status"])
            self.end_headers()
            self.wfile.write(said["text"].encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Server) as server:
        settings.SEARCH_URL = f"http://reader:hush@127.0.0.1:{server.server_port}/groundswell"
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield lambda status, text: said.update(status=status, text=text)
        server.shutdown()
        thread.join()


def test_the_text_of_an_erased_person_leaves_the_server(opensearch: str) -> None:
    person = PersonFactory.create(username="pelagia", about="I sail.")
    story = StoryFactory.create(author=person, title="Krakens", text="Tentacles.")
    post_comment(by=person, story=story, text="Ambergris.", now=NOW)
    index_all()
    words = ("pelagia", "Krakens", "Tentacles", "Ambergris")
    assert all(word in str(held(opensearch)) for word in words)

    erase_account(by=person, with_texts=True, now=NOW)
    erase_some(person_id=person.pk, with_texts=True, now=NOW)
    run_jobs()

    assert not any(word in str(held(opensearch)) for word in words)


@pytest.mark.drifts(reason="rows lost without an action")
def test_a_rebuild_drops_what_no_row_and_no_document_knows(opensearch: str) -> None:
    comment = CommentFactory.create(text="Ambergris.")
    index_all()
    other = CommentFactory.create(text="Amber.")
    Document.objects.all().delete()
    Comment.objects.filter(pk=comment.pk).delete()

    index_all()

    assert "Ambergris" not in str(held(opensearch))
    assert found("amber") == [("comment", other.pk)]


def test_a_change_of_language_makes_a_new_index_in_place_of_the_former(opensearch: str, settings: Settings) -> None:
    story = StoryFactory.create(title="Die Häuser")
    index_all()
    assert found("Haus") == []

    settings.SEARCH_LANGUAGE = "german"
    actions.prepare()
    assert found("Häuser") == []
    index_all()
    actions.prepare()

    assert found("Haus") == [("story", story.pk)]
    assert len(httpx.get(httpx.URL(opensearch).join("/_aliases")).json()) == 1


def test_without_an_index_nothing_is_written_and_none_is_made_up(opensearch: str) -> None:
    for index in httpx.get(f"{opensearch}/_alias").json():
        httpx.delete(httpx.URL(opensearch).join(f"/{index}")).raise_for_status()

    with pytest.raises(OutOfOrder, match="no such index"):
        actions.index(kind="tag", pk=TagFactory.create().pk)

    assert httpx.get(f"{opensearch}/_search").status_code == 404


def test_a_job_that_cannot_tell_the_server_is_tried_again(opensearch: str, settings: Settings) -> None:
    story = StoryFactory.create(title="Krakens")
    settings.SEARCH_URL = "http://127.0.0.1:1/groundswell"
    job = run(enqueued("search.index", kind="story", pk=story.pk))
    assert (job.state, job.attempts) == (State.WAITING, 1)

    settings.SEARCH_URL = opensearch
    job = run(job)

    assert job.state == State.DONE
    assert found("kraken") == [("story", story.pk)]


def test_operators_that_only_rows_know_are_tried_on_the_newest_and_it_is_said(
    opensearch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "MOST_TO_SORT_OUT", 3)
    for day in range(5):
        StoryFactory.create(title="Kraken", base_ups=5 + day % 2, created_at=NOW - timedelta(days=day))
    index_all()

    result = search(parse("kraken score>5"), order="relevance", cursor=None)

    assert (result.count, result.since) == (1, NOW - timedelta(days=2))


def test_what_stands_in_the_title_counts_more(opensearch: str) -> None:
    in_text = StoryFactory.create(title="Of the sea", text="A kraken.", created_at=NOW)
    in_title = StoryFactory.create(title="A kraken", text="Of the sea.", created_at=NOW - timedelta(days=1))
    index_all()

    assert found("kraken", "relevance") == [("story", in_title.pk), ("story", in_text.pk)]


def test_words_that_nearly_every_text_holds_are_left_out_and_alone_refused(opensearch: str, client: Client) -> None:
    story = StoryFactory.create(title="The kraken")
    index_all()

    assert found("the kraken") == found("(the OR kraken)") == [("story", story.pk)]
    assert "Nearly every text holds these words." in client.get("/search?q=the").content.decode()


@pytest.mark.parametrize(
    ("status", "text", "words"),
    [
        (503, "{}", "out of order"),
        (404, '{"error": {}}', "out of order"),
        (401, "", "out of order"),
        (200, "<html>", "out of order"),
        (200, json.dumps(NO_SHARD), "out of order"),
        (200, json.dumps(NO_SHARD | {"timed_out": True}), "took too long"),
    ],
)
def test_people_are_told_when_the_server_has_no_answer(
    saying: Saying, client: Client, caplog: pytest.LogCaptureFixture, status: int, text: str, words: str
) -> None:
    saying(status, text)

    page = client.get("/search?q=kraken")
    refusal = client.get("/api/v1/search?q=kraken")

    assert words in page.content.decode()
    assert refusal.status_code == 503
    assert "hush" not in caplog.text


def test_a_server_that_says_nothing_is_waited_for_only_so_long(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "TIME_LIMIT_SECONDS", 0.02)
    with socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        settings.SEARCH_URL = f"http://127.0.0.1:{silent.getsockname()[1]}/groundswell"

        page = client.get("/search?q=kraken").content.decode()

    assert "This search took too long." in page
