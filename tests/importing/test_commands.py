"""The three commands as operators call them."""

import json
from datetime import timedelta
from pathlib import Path
from stat import S_IMODE

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.comments.models import MAX_DEPTH, Comment
from apps.communities.models import Membership, Tag
from apps.importing.growing import Plan, grow
from apps.importing.models import ImportedItem
from apps.importing.samples import FOLDER
from apps.stories.models import Story, StoryText
from tests.factories import NOW, StoryFactory
from tests.importing.conftest import Write
from tests.importing.items import comment, counters, recount, story, story_of

pytestmark = pytest.mark.django_db

Output = pytest.CaptureFixture[str]


def test_import_items_reports_and_names_the_rejects(write_items: Write, capsys: Output) -> None:
    path = write_items(story(1), comment(2, 1), comment(3, 3), comment(4, 404))

    call_command("import_items", path, "--source", "here", "--community", "town")

    assert story_of(1, "here").community.slug == "town"
    assert capsys.readouterr().out.splitlines() == [
        "4 items read: 2 new, 0 already there, 2 rejected. New: 1 stories, 1 comments, 2 people.",
        f"Rejected lines and reasons: {path}.rejects",
    ]


def test_preview_says_what_would_come_in_and_writes_nothing(write_items: Write, capsys: Output) -> None:
    call_command("import_items", write_items(story(1, title="Here", text="", score=7), name="before"))
    new = story(2, title="New", url="https://example.org/a", text="<p>Some <b>text</b>.", tags=["rust"], score=3)
    path = write_items(story(1), new, new, comment(3, 2), comment(4, 404), b"?", story(5, time=None), name="after")
    rejects = Path(f"{path}.rejects")
    rejects.write_text("of the last run")
    capsys.readouterr()
    before = Story.objects.count(), User.objects.count(), ImportedItem.objects.count()

    call_command("import_items", path, "--preview", "--community", "town")

    assert (Story.objects.count(), User.objects.count(), ImportedItem.objects.count()) == before
    assert rejects.read_text() == "of the last run"
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == (
        "7 items read: 1 stories and 2 comments would come in, 2 are already there, 2 would be rejected. "
        "Nothing was written."
    )
    assert [line.partition(": ")[0] for line in lines[3:5]] == [f"  {path}, line 6", f"  {path}, line 7"]
    assert lines[7] == "  New (example.org) #rust"
    assert lines[8].startswith("    3 points by ")
    assert lines[8].endswith(", town")
    assert lines[9] == "    Some text."


def test_preview_of_many_bad_lines_shows_the_first_ten(write_items: Write, capsys: Output) -> None:
    call_command("import_items", write_items(*[b"?"] * 30), "--preview")

    out = capsys.readouterr().out
    assert "30 would be rejected" in out
    assert out.count("not JSON") == 10


def test_import_items_strict_fails_with_line_and_reason(write_items: Write) -> None:
    path = write_items(story(1), b"?")

    with pytest.raises(CommandError, match=r"items\.jsonl, line 2: not JSON"):
        call_command("import_items", path, "--strict")


def test_import_items_moves_all_files_by_the_same_span(write_items: Write) -> None:
    old, new = write_items(story(1, time=10**9), name="old"), write_items(story(2, time=10**9 + 500), name="new")

    call_command("import_items", old, new, "--newest-at", "now")

    first, second = story_of(1).created_at, story_of(2).created_at
    assert second - first == timedelta(seconds=500)
    assert timedelta(seconds=60) <= timezone.now() - second < timedelta(minutes=5)


def test_import_items_moves_the_others_when_a_time_is_none(write_items: Write, capsys: Output) -> None:
    path = write_items(story(1, time=10**9), story(2, time=10**20), story(3, time="now"))

    call_command("import_items", path, "--newest-at", "now")

    assert timezone.now() - story_of(1).created_at < timedelta(minutes=5)
    assert "1 new, 0 already there, 2 rejected" in capsys.readouterr().out


def test_import_items_cannot_move_standard_input() -> None:
    with pytest.raises(CommandError, match="standard input"):
        call_command("import_items", "-", "--newest-at", "now")


@pytest.mark.parametrize(
    "option", [("--source", "x" * 61), ("--source", ""), ("--community", "My Town"), ("--community", "-")]
)
def test_import_items_refuses_names_that_cannot_be_stored(write_items: Write, option: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match=f"{option[0]} is a name"):
        call_command("import_items", write_items(story(1)), *option)


def test_load_sample_fills_an_empty_site_once(var_dir: Path, capsys: Output) -> None:
    call_command("load_sample")
    num_stories = Story.objects.count()
    logins = (var_dir / "development-logins.txt").read_text().splitlines()

    call_command("load_sample")

    assert Story.objects.count() == num_stories >= 80
    assert counters() == recount()
    assert [line.split()[:2] for line in logins] == [
        ["member", "gus"],
        ["moderator", "kestrel"],
        ["administrator", "anouk"],
    ]
    assert S_IMODE((var_dir / "development-logins.txt").stat().st_mode) == 0o600
    assert "There are stories already" in capsys.readouterr().out


def test_people_of_the_sample_log_in_and_have_their_roles(var_dir: Path, client: Client) -> None:
    call_command("load_sample")

    passwords = {
        line.split()[1]: line.split()[2] for line in (var_dir / "development-logins.txt").read_text().splitlines()
    }

    assert all(client.login(username=name, password=password) for name, password in passwords.items())
    assert list(User.objects.filter(is_superuser=True).values_list("username", flat=True)) == ["anouk"]
    assert list(User.objects.filter(is_moderator=True).values_list("username", flat=True)) == ["kestrel"]
    moderators = Membership.objects.filter(is_moderator=True).values_list("community__slug", "user__username")
    assert sorted(moderators) == [
        ("craft", "quill"),
        ("databases", "maren"),
        ("square", "anouk"),
        ("systems", "kestrel"),
        ("web", "beatrix"),
    ]


def test_the_sample_declares_what_it_holds(var_dir: Path) -> None:
    items = [json.loads(line) for line in (FOLDER / "items.jsonl").read_bytes().splitlines()]
    site = json.loads((FOLDER / "site.json").read_bytes())

    call_command("load_sample")

    declared = {str(item["id"]): item["descendants"] for item in items if item["type"] == "story"}
    counted = ImportedItem.objects.exclude(story=None).values_list("source_id", "story__num_comments")
    assert declared == dict(counted)
    assert Tag.objects.count() == sum(len(heading["tags"]) for heading in site["tags"])


def test_load_sample_leaves_a_site_with_stories_alone() -> None:
    StoryFactory.create()

    call_command("load_sample")

    assert Story.objects.count() == 1


def test_grow_makes_the_numbers_asked_for(capsys: Output) -> None:
    call_command("grow", "--stories", "20", "--comments", "150", "--people", "7", "--thread", "60", "--seed", "3")
    call_command("grow", "--stories", "20", "--comments", "150", "--people", "7", "--thread", "60", "--seed", "3")

    assert capsys.readouterr().out.splitlines()[1] == "New: 0 stories, 0 comments, 0 people. Already there: 231."
    assert (Story.objects.count(), Comment.objects.count()) == (21, 210)
    assert Story.objects.filter(num_comments=60).exists()
    assert User.objects.count() <= 7
    assert StoryText.objects.exists()
    assert counters() == recount()


def test_grow_is_the_same_for_the_same_seed() -> None:
    plan = Plan(stories=5, comments=40, people=4, thread=10, seed=1)

    assert list(grow(plan, NOW)) == list(grow(plan, NOW))
    assert list(grow(plan, NOW)) != list(grow(Plan(stories=5, comments=40, people=4, thread=10, seed=2), NOW))


def test_grow_has_deep_threads_up_to_the_cap() -> None:
    depths: dict[int, int] = {}
    for item in grow(Plan(stories=0, comments=0, people=10, thread=10_000), NOW):
        depths[item["id"]] = depths[item["parent"]] + 1 if "parent" in item else -1

    assert max(depths.values()) == MAX_DEPTH - 1
    assert sum(depth > 0 for depth in depths.values()) == pytest.approx(5_000, rel=0.1)
