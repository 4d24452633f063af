"""Copies of one's data: what stands in them, who gets them, and when they end."""

import io
import json
import os
import tracemalloc
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import ManyToOneRel
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, DeviceGrant, Grant, IDToken, RefreshToken

from apps.accounts.actions import edit_profile, mute_person
from apps.accounts.models import PersonMute, User
from apps.api.models import KeptAnswer, Token
from apps.comments.actions import delete_comment, record_visit
from apps.comments.models import Comment, CommentDelta, CommentText
from apps.importing.models import ImportedPerson
from apps.jobs.models import Job, State
from apps.moderation.actions.acts import ban_person
from apps.moderation.actions.flags import flag_comment
from apps.notifications.actions.telling import tell_of_comment
from apps.notifications.actions.watching import watch_person, watch_story
from apps.notifications.models import PersonWatch
from apps.personal import archive
from apps.personal.actions import erasure, exports
from apps.personal.contents import KINDS
from apps.personal.models import Export
from apps.search.models import Document
from apps.stories.actions import hide_story, mute_domain, save_story
from apps.stories.models import StoryDelta
from apps.votes.actions import cast_comment_vote, cast_story_vote
from apps.webhooks.models import Delivery, Endpoint
from tests.conftest import CountQueries
from tests.factories import NOW, CommentFactory, ModeratorFactory, PersonFactory, StoryFactory
from tests.personal.work import run_all

pytestmark = pytest.mark.django_db

# Rows that hang on a person but are somebody else's business, or say nothing that the person does not see anyway.
NOT_EXPORTED = {
    *((PersonMute, "person"), (PersonWatch, "person"), (ImportedPerson, "user"), (Export, "user")),
    # Gone within a second; the votes themselves are in it.
    *((StoryDelta, "user"), (CommentDelta, "user")),
    # Copies of texts that are in it, messages that tell of them, and answers that are kept for a day.
    *((Document, "author"), (Delivery, "person"), (Delivery, "moderator"), (KeptAnswer, "person")),
    # Keys of programs, and addresses that administrators have set up: they say nothing of the person.
    *((Token, "person"), (Endpoint, "created_by"), (Application, "user"), (Grant, "user"), (DeviceGrant, "user")),
    *((AccessToken, "user"), (RefreshToken, "user"), (IDToken, "user")),
}
PATH = "/settings/data/export"


@pytest.fixture
def author() -> User:
    return PersonFactory.create(username="ada")


@pytest.fixture
def client(author: User) -> Client:
    client = Client()
    client.force_login(author)
    return client


def unpacked(client: Client) -> dict[str, list[dict[str, Any]]]:
    """The rows of each file of the export."""
    response = client.get("/settings/data/export.zip")
    with zipfile.ZipFile(io.BytesIO(b"".join(response))) as found:
        files = {name: found.read(name).decode() for name in found.namelist()}
    assert "logged in on 1 devices" in files.pop("README.md")
    return {name: [json.loads(line) for line in text.splitlines()] for name, text in files.items()}


def test_export_holds_all_that_a_person_did(author: User, client: Client) -> None:
    friend = PersonFactory.create(username="bob")
    story = StoryFactory.create(author=author, title="Mine é", text="Some *text*.", url="https://example.org/a")
    other = StoryFactory.create(author=friend, title="Other")
    said = CommentFactory.create(story=other, author=author, text="Line one.\n\nLine two.")
    theirs = CommentFactory.create(story=story, author=friend, text="Not yours")
    edit_profile(by=author, about="Likes *waves*.", now=NOW)
    cast_story_vote(by=author, story=other, now=NOW)
    cast_comment_vote(by=author, comment=theirs, now=NOW)
    save_story(by=author, story=other, now=NOW)
    hide_story(by=author, story=other, now=NOW)
    tell_of_comment(comment=theirs, now=NOW)
    mute_person(by=author, person=friend, now=NOW)
    mute_domain(by=author, domain="example.net", now=NOW)
    record_visit(by=author, story=other, until=NOW, now=NOW)
    watch_story(by=author, story=other, now=NOW)
    watch_person(by=author, person=friend, now=NOW)
    flag_comment(by=author, comment=theirs, reason="other", note="Not *nice*.", now=NOW)
    ban_person(by=ModeratorFactory.create(), person=author, days=1, reason="Enough.", now=NOW)

    client.post(PATH)
    run_all()

    files = unpacked(client)
    assert set(files) == {f"{kind.name}.jsonl" for kind in KINDS}
    assert files["profile.jsonl"][0] | {"name": "ada", "about": "Likes *waves*."} == files["profile.jsonl"][0]
    assert [(row["title"], row["text"], row["url"]) for row in files["stories.jsonl"]] == [
        ("Mine é", "Some *text*.", "https://example.org/a")
    ]
    assert [(row["id"], row["title"], row["text"]) for row in files["comments.jsonl"]] == [
        (said.pk, "Other", "Line one.\n\nLine two.")
    ]
    assert files["story-votes.jsonl"] == [{"story": other.pk, "title": "Other", "at": "2026-03-01T12:00:00Z"}]
    assert files["comment-votes.jsonl"][0]["comment"] == theirs.pk
    assert files["saved-stories.jsonl"][0]["story"] == files["hidden-stories.jsonl"][0]["story"] == other.pk
    assert files["muted-people.jsonl"][0]["name"] == "bob"
    assert files["muted-domains.jsonl"][0]["domain"] == "example.net"
    assert files["visits.jsonl"][0]["story"] == other.pk
    assert files["watched-stories.jsonl"][0]["story"] == other.pk
    assert files["watched-people.jsonl"][0]["name"] == "bob"
    assert files["notifications.jsonl"][0]["comment"] == theirs.pk
    assert files["moderation-of-you.jsonl"][0]["reason"] == "Enough."
    assert (files["flags.jsonl"][0]["comment"], files["flags.jsonl"][0]["note"]) == (theirs.pk, "Not *nice*.")
    assert "Not yours" not in json.dumps(files)


def test_every_table_of_people_is_in_an_export() -> None:
    tables = {
        (relation.related_model, relation.field.name)
        for relation in User._meta.get_fields(include_hidden=True)
        if isinstance(relation, ManyToOneRel) and not relation.related_model._meta.auto_created
    }

    missing = tables - {(kind.model, kind.owner) for kind in KINDS} - NOT_EXPORTED

    assert not missing, f"Add a Kind for each to apps/personal/contents.py, or say here why not: {missing}"


@pytest.mark.drifts(reason="rows made by hand, for their number")
def test_export_of_much_is_written_in_little_memory(author: User) -> None:
    story = StoryFactory.create()
    count, text = 10_000, "word " * 100
    rows = [Comment(story=story, author=author, created_at=NOW) for _ in range(count)]
    Comment.objects.bulk_create(rows, batch_size=2000)
    pks = Comment.objects.values_list("pk", flat=True)
    CommentText.objects.bulk_create([CommentText(comment_id=pk, markdown=text, html=text) for pk in pks], 2000)
    export = exports.request_export(by=author, now=NOW)
    del rows, pks

    tracemalloc.start()
    archive.write(export.pk)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count * len(text) == 5_000_000
    assert peak < 3_000_000
    with zipfile.ZipFile(export.path) as found:
        assert found.read("comments.jsonl").count(b"\n") == count


def test_export_can_be_read_by_the_site_alone(author: User, exports_folder: Path) -> None:
    export = exports.request_export(by=author, now=NOW)

    archive.write(export.pk)

    assert os.stat(export.path).st_mode & 0o777 == 0o600
    assert os.stat(exports_folder).st_mode & 0o777 == 0o700
    assert list(exports_folder.iterdir()) == [export.path]


def test_two_clicks_ask_for_one_export(client: Client) -> None:
    client.post(PATH)
    client.post(PATH)

    assert Export.objects.count() == Job.objects.count() == 1
    assert "being prepared" in client.get("/settings/data").content.decode()


def test_next_export_is_refused_for_a_day_and_then_replaces_the_last(author: User, exports_folder: Path) -> None:
    now = timezone.now()
    first = exports.request_export(by=author, now=now)
    run_all()

    with pytest.raises(exports.TooSoon, match="You can ask for your data again on"):
        exports.request_export(by=author, now=now + timedelta(hours=23))
    second = exports.request_export(by=author, now=now + timedelta(hours=25))
    run_all()

    assert list(exports_folder.iterdir()) == [second.path]
    assert list(Export.objects.all()) == [second] != [first]


def test_failed_export_is_said_and_can_be_asked_for_again(client: Client) -> None:
    client.post(PATH)
    Job.objects.update(state=State.DEAD, finished_at=NOW)

    assert "That did not work" in client.get("/settings/data").content.decode()

    client.post(PATH)
    run_all()
    assert unpacked(client)


@pytest.mark.drifts(reason="the connection ends with the answer")
def test_nobody_gets_an_export_but_its_person(client: Client, author: User) -> None:
    client.post(PATH)
    assert client.get("/settings/data/export.zip").status_code == 404
    run_all()
    other = Client()

    assert other.get("/settings/data/export.zip").status_code == 302
    assert other.post(PATH).status_code == 403
    other.force_login(PersonFactory.create())
    assert other.get("/settings/data/export.zip").status_code == 404
    assert other.get(f"/settings/data/export.zip?id={Export.objects.get().pk}&user={author.pk}").status_code == 404
    found = client.get("/settings/data/export.zip")
    found.close()
    assert found["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert found["Content-Disposition"] == 'attachment; filename="my-data.zip"'


def test_export_ends_after_a_week_with_its_file(author: User, client: Client, exports_folder: Path) -> None:
    export = exports.request_export(by=author, now=timezone.now() - timedelta(days=7))
    archive.write(export.pk)
    exports.finish_export(export_id=export.pk, num_bytes=1, now=NOW)

    assert client.get("/settings/data/export.zip").status_code == 404
    exports.drop_expired(now=timezone.now())

    assert not Export.objects.exists()
    assert list(exports_folder.iterdir()) == []


def test_what_a_killed_runner_left_is_removed_after_a_day(exports_folder: Path, author: User) -> None:
    export = exports.request_export(by=author, now=timezone.now())
    archive.write(export.pk)
    (exports_folder / "tmpabc").mkdir()
    (exports_folder / "tmpabc" / "export.zip").touch()
    (exports_folder / "12345.zip").touch()
    (exports_folder / "notes.txt").touch()

    exports.drop_expired(now=timezone.now() + timedelta(hours=23))
    assert len(list(exports_folder.iterdir())) == 4
    exports.drop_expired(now=timezone.now() + timedelta(hours=25))

    assert list(exports_folder.iterdir()) == [export.path]


def test_erasure_while_an_export_is_written_leaves_no_file(author: User, exports_folder: Path) -> None:
    export = exports.request_export(by=author, now=timezone.now())
    num_bytes = archive.write(export.pk)

    erasure.erase_account(by=author, with_texts=False, now=timezone.now())
    assert not export.path.exists()
    archive.write(export.pk)
    export.path.touch()
    exports.finish_export(export_id=export.pk, num_bytes=num_bytes, now=timezone.now())

    assert list(exports_folder.iterdir()) == []


def test_export_written_twice_is_one(author: User, exports_folder: Path) -> None:
    export = exports.request_export(by=author, now=NOW)

    archive.write(export.pk)
    run_all()

    assert Export.objects.get().num_bytes == export.path.stat().st_size
    assert list(exports_folder.iterdir()) == [export.path]


def test_page_of_ones_data_asks_little(client: Client, count_queries: CountQueries) -> None:
    client.post(PATH)

    with count_queries() as queries:
        page = client.get("/settings/data").content.decode()

    assert len(queries) == 4
    assert 'hx-trigger="every 4s"' in page
    fragment = client.get("/settings/data", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    run_all()
    assert "hx-trigger" not in client.get("/settings/data", headers={"HX-Request": "true"}).content.decode()


def test_deleted_texts_are_empty_in_an_export(author: User, client: Client) -> None:
    delete_comment(by=author, comment=CommentFactory.create(author=author, text="Gone words"), now=NOW)

    client.post(PATH)
    run_all()

    assert unpacked(client)["comments.jsonl"][0]["text"] == ""
