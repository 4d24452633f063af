"""A story's link, from its submission to its card: asked, kept, asked again, dropped."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from apps.core.connections import Fault
from apps.jobs.models import Job, State
from apps.pagecache import purging
from apps.previews import actions, gathering, thumbnails
from apps.previews.gathering import Found
from apps.previews.models import Preview
from apps.previews.parsing import Page
from apps.stories.actions import Draft, delete_story, edit_story, submit_story
from apps.stories.models import Story
from tests.conftest import CountQueries
from tests.core.internet import Internet
from tests.factories import NOW, CommunityFactory, PersonFactory, StoryFactory, TagFactory
from tests.jobs.names import enqueued, later, run
from tests.previews.images import image

pytestmark = pytest.mark.django_db

PAGE = b"""<title>Why doors open</title><meta name="description" content="And why they shut.">
<meta property="og:site_name" content="The Door"><link rel="canonical" href="/doors">
<meta property="og:image" content="//images.example.com/door.png">"""


@pytest.fixture
def story(media: Path, internet: Internet) -> Story:
    """Its page says PAGE; its job waits."""
    internet.says("example.org/a", PAGE)
    internet.says("images.example.com/door.png", image(), content_type="image/png")
    return submitted("http://example.org/a")


def submitted(url: str = "", text: str = "") -> Story:
    draft = Draft("Doors", url=url, text=text, tags=(TagFactory.create().name,))
    return submit_story(by=PersonFactory.create(), community=CommunityFactory.create(), draft=draft, now=NOW)


def last(name: str) -> Job:
    """The last job of this name that was enqueued."""
    return Job.objects.filter(name=name).latest("pk")


def fetched(story: Story) -> Preview:
    """What is kept when the page has been asked."""
    job = run(last("previews.fetch"))
    assert (job.ids["story"], job.state, job.error) == (story.pk, State.DONE, "")
    return Preview.objects.get(story=story)


def waiting() -> list[str]:
    jobs = Job.objects.filter(state=State.WAITING, name__startswith="previews.")
    return list(jobs.values_list("name", flat=True))


def test_submitted_link_gets_what_its_page_says(story: Story, media: Path) -> None:
    preview = fetched(story)

    assert (preview.title, preview.description, preview.site_name, preview.canonical_url, preview.error) == (
        *("Why doors open", "And why they shut.", "The Door", "http://example.org/doors"),
        "",
    )
    assert (preview.width, preview.height) == (320, 200)
    assert preview.thumbnail.url == f"/media/{preview.thumbnail.name}"
    assert (media / str(preview.thumbnail.name)).read_bytes()[8:12] == b"WEBP"


def test_text_without_a_link_asks_nobody() -> None:
    submitted(text="Only words.")

    assert waiting() == []


def test_site_that_shows_no_previews_asks_nobody(story: Story, internet: Internet, settings: Settings) -> None:
    settings.LINK_PREVIEWS = False

    run(last("previews.fetch"))

    assert (internet.looked_up, Preview.objects.count()) == ([], 0)


def test_edited_story_keeps_its_preview(story: Story) -> None:
    fetched(story)
    tags = tuple(story.tags.values_list("name", flat=True))

    edit_story(by=story.author, story=story, draft=Draft("Better", tags=tags), now=NOW)  # type: ignore[arg-type]  # has one

    assert waiting() == []
    assert Preview.objects.get().title == "Why doors open"


def test_page_may_come_without_a_picture(story: Story, internet: Internet) -> None:
    internet.says("images.example.com/door.png", b"<svg/>", content_type="image/svg+xml")

    preview = fetched(story)

    assert (preview.title, preview.thumbnail.name, preview.error) == ("Why doors open", "", "")


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1/a.png", "http://images.example.com:81/a.png", "data:image/png;base64,x", "//inner/a.png"],
)
def test_picture_is_asked_for_under_the_same_guards(story: Story, internet: Internet, address: str) -> None:
    internet.names |= {"inner": [["10.0.0.1"]], "127.0.0.1": [["127.0.0.1"]]}
    internet.says("example.org/a", PAGE.replace(b"//images.example.com/door.png", address.encode()))

    preview = fetched(story)

    assert (preview.title, preview.thumbnail.name) == ("Why doors open", "")
    assert len(internet.connected) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"content_type": "application/pdf"}, "wrong-type"),
        ({"status": "404 Not Found"}, "refused"),
        ({"status": "302 Found", "location": "http://localhost/"}, "private-address"),
        ({"body": b"x" * 3_000_000}, "too-large"),
    ],
)
def test_fault_that_stays_is_kept_and_nobody_asks_again(
    story: Story, internet: Internet, answer: dict[str, str], error: str
) -> None:
    internet.names["localhost"] = [["127.0.0.1"]]
    internet.says("example.org/a", **answer)  # type: ignore[arg-type]  # the body is among them

    preview = fetched(story)

    assert (preview.error, preview.title) == (error, "")
    assert waiting() == []


def test_fault_that_passes_is_kept_until_the_page_answers(story: Story, internet: Internet) -> None:
    internet.says("example.org/a", status="503 Service Unavailable")
    errors = [fetched(story).error]
    internet.names["example.org"] = [[]]
    errors.append(fetched(story).error)
    internet.names = {}
    internet.says("example.org/a", PAGE)

    preview = fetched(story)

    assert errors == ["failing", "unknown-name"]
    assert (preview.error, preview.title, waiting()) == ("", "Why doors open", [])


def test_page_out_of_reach_is_asked_four_times_with_growing_waits(story: Story, internet: Internet) -> None:
    internet.says("example.org/a", status="500 Oh")
    waits = []
    while waiting():
        began = timezone.now()
        fetched(story)
        job = last("previews.fetch")
        waits += [job.due_at - began] if job.state == State.WAITING else []

    assert len(internet.asked) == 4
    assert [timedelta(minutes=round(wait.total_seconds() / 60)) for wait in waits] == list(actions.WAITS)


def test_fault_takes_nothing_from_a_page_that_answered_before(story: Story, internet: Internet) -> None:
    fetched(story)
    internet.says("example.org/a", status="410 Gone")

    actions.order_fetches(previews=Preview.objects.all())

    preview = fetched(story)
    assert (preview.error, preview.title) == ("refused", "Why doors open")


def test_story_that_is_deleted_takes_its_preview_along(story: Story, media: Path) -> None:
    fetched(story)

    delete_story(by=story.author, story=story, now=NOW)  # type: ignore[arg-type]  # has one
    run(last("previews.drop"))

    preview = Preview.objects.get()
    assert {preview.title, preview.description, preview.site_name, preview.canonical_url, preview.thumbnail.name} == {
        ""
    }
    assert list(media.rglob("*.webp")) == []


def test_story_that_is_deleted_before_its_page_is_asked_asks_nobody(story: Story, internet: Internet) -> None:
    job = last("previews.fetch")
    delete_story(by=story.author, story=story, now=NOW)  # type: ignore[arg-type]  # has one

    run(job)

    assert (internet.looked_up, Preview.objects.count()) == ([], 0)


def test_picture_that_comes_after_the_deletion_is_dropped(story: Story, media: Path, internet: Internet) -> None:
    found = gathering.gather(story.url, story.pk, internet.fetcher())
    delete_story(by=story.author, story=story, now=NOW)  # type: ignore[arg-type]  # has one

    actions.keep_preview(story_id=story.pk, found=found, attempt=1, now=NOW)
    for job in Job.objects.filter(name="previews.drop"):
        run(job)

    assert (Preview.objects.count(), list(media.rglob("*.webp"))) == (0, [])


def test_preview_is_dropped_once_and_for_all(story: Story, media: Path) -> None:
    fetched(story)

    jobs = [run(enqueued("previews.drop", story=story.pk)) for _ in range(2)]

    assert [job.state for job in jobs] == [State.DONE] * 2
    assert (Preview.objects.get().error, list(media.rglob("*.webp"))) == ("dropped", [])


def test_each_story_has_a_file_of_its_own(story: Story, media: Path, internet: Internet) -> None:
    fetched(story)
    internet.says("example.org/b", PAGE)
    other = submitted("http://example.org/b")
    kept = fetched(other).thumbnail.name

    run(enqueued("previews.drop", story=story.pk))

    assert [str(file.relative_to(media)) for file in media.rglob("*.webp")] == [kept]


def test_job_that_runs_twice_asks_twice_and_keeps_one_file(story: Story, media: Path) -> None:
    first = fetched(story)
    again = enqueued("previews.fetch", story=story.pk)

    run(again)

    assert Preview.objects.get().thumbnail == first.thumbnail
    assert len(list(media.rglob("*.webp"))) == 1


def test_bug_or_full_disk_is_a_failure_of_the_job(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise OSError("No space left on device")

    monkeypatch.setattr(thumbnails, "store", fail)
    job = last("previews.fetch")

    states = [run(job).state for _ in range(4)]

    assert states == [State.WAITING] * 3 + [State.DEAD]
    assert "No space left" in job.error


def test_keeping_costs_few_queries_and_purges_the_story_alone(
    count_queries: CountQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = StoryFactory.create(url="https://example.org/")
    tags: list[str] = []
    monkeypatch.setattr(purging, "purge", lambda *more: tags.extend(more))
    faults = [Found(fault=Fault.TIMEOUT), Found(fault=Fault.WRONG_TYPE), Found(Page("T", "", "", "", ""))]

    with count_queries() as queries:
        for found in faults:
            actions.keep_preview(story_id=story.pk, found=found, attempt=9, now=later())

    assert tags == [f"story:{story.pk}"]
    assert len([query for query in queries if "SAVEPOINT" not in query]) <= 3 * 3
