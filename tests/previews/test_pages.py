"""What readers see of previews, and what the staff does with them."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from apps.core.text import clean
from apps.jobs.models import Job
from apps.moderation.actions.acts import remove_story
from apps.pagecache import purging
from apps.previews import thumbnails
from apps.previews.models import Preview
from apps.previews.queries import is_alike
from apps.stories.models import Story
from apps.stories.tags import story as story_tag
from tests.conftest import CountQueries
from tests.core.hostile import ALL
from tests.factories import NOW, ModeratorFactory, PersonFactory, StoryFactory
from tests.jobs.names import run
from tests.previews.images import image

pytestmark = pytest.mark.django_db
LIST = "/admin/previews/preview/"


@pytest.fixture
def story(media: Path) -> Story:
    """One with a preview that says all it can."""
    story = StoryFactory.create(title="Doors", url="https://example.org/a", created_at=timezone.now())
    made = thumbnails.make(image())
    Preview.objects.create(
        story=story,
        title="Something else",
        description="Of hinges.",
        site_name="The Door",
        thumbnail=thumbnails.store(made, story.pk),
        width=made.width,
        height=made.height,
        fetched_at=NOW,
    )
    return story


def page_of(client: Client, story: Story) -> str:
    return client.get(story.get_absolute_url()).content.decode()


def test_card_stands_on_the_storys_page(client: Client, story: Story) -> None:
    page = page_of(client, story)

    assert '<a class="card" href="https://example.org/a" rel="ugc nofollow noopener">' in page
    assert all(words in page for words in ("Something else", "Of hinges.", "The Door", 'width="320"', 'height="200"'))


def test_page_without_a_preview_looks_as_ever(client: Client, story: Story) -> None:
    Preview.objects.all().delete()

    assert 'class="card"' not in page_of(client, story)


def test_card_costs_one_query_and_a_text_none(client: Client, story: Story, count_queries: CountQueries) -> None:
    text = StoryFactory.create(created_at=timezone.now())
    counts = []

    for one in (story, text):
        with count_queries() as queries:
            client.get(one.get_absolute_url())
        counts.append(len([query for query in queries if "previews_preview" in query]))

    assert counts == [1, 0]


def test_lists_look_for_no_previews(client: Client, story: Story, count_queries: CountQueries) -> None:
    with count_queries() as queries:
        page = client.get("/").content.decode()

    assert "Doors" in page
    assert [query for query in queries if "preview" in query] == []


def test_card_says_nothing_twice(client: Client, story: Story) -> None:
    Preview.objects.update(title="Doors – The Door", description="DOORS")

    page = page_of(client, story)

    assert "Doors – The Door" not in page
    assert "DOORS" not in page


def test_preview_that_adds_nothing_is_no_card(client: Client, story: Story) -> None:
    Preview.objects.update(title="Doors | Example", description="", thumbnail="")

    assert 'class="card"' not in page_of(client, story)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("", "anything", True),
        ("Doors", "doors", True),
        ("Why doors open | The Door Blog", "Why doors open", True),
        ("Show: why doors open (2019)", "Why doors open", True),
        ("扉が開く理由 - ドアのブログ", "扉が開く理由", True),
        ("The annual report", "Why doors open", False),
        ("Home", "Why doors open", False),
        ("Doors", "On windows", False),
    ],
)
def test_titles_that_say_the_same_are_alike(one: str, other: str, expected: bool) -> None:
    assert is_alike(one, other) is expected
    assert is_alike(other, one) is expected


def test_story_that_is_gone_shows_no_card(client: Client, story: Story) -> None:
    remove_story(by=ModeratorFactory.create(), story=story, reason="Spam.", now=timezone.now())

    assert "Something else" not in page_of(client, story)


def test_hostile_words_of_a_page_stay_words(client: Client, story: Story) -> None:
    tags = set()

    for text in ALL:
        text = clean(text)
        Preview.objects.update(title=text[:200], description=text[:300], site_name=text[:80])
        purging.purge(story_tag(story.pk))
        page = page_of(client, story)
        card = page[page.index('<a class="card"') : page.index("</article>")]
        tags |= set(re.findall("<[^ >]*", card.partition('<div class="prose')[0]))

    assert tags == {"<a", "<img", "<span", "</span", "</a"}


def test_picture_comes_from_the_site_itself_and_for_ever(client: Client, story: Story, media: Path) -> None:
    address = story.preview.thumbnail.url

    answer = client.get(address)

    assert answer.content == (media / str(story.preview.thumbnail.name)).read_bytes()
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert f'src="{address}"' in page_of(client, story)


@pytest.mark.parametrize(
    "path",
    ["previews/0/9-0.webp", "previews/0/../../secret-key", "previews/0/..%2F..%2Fsecret-key.webp", "previews/0/", ""],
)
def test_nothing_else_is_served(client: Client, media: Path, path: str) -> None:
    (media.parent / "secret-key.webp").write_text("secret", encoding="ascii")

    assert client.get(f"/media/{path}").status_code == 404


def act(client: Client, name: str) -> str:
    chosen = {"action": name, "_selected_action": list(Preview.objects.values_list("pk", flat=True)), "index": 0}
    return client.post(LIST, chosen, follow=True).content.decode()


def test_staff_sees_why_a_page_said_nothing(client: Client, story: Story) -> None:
    Preview.objects.update(error="private-address")
    client.force_login(PersonFactory.create(is_staff=True, is_superuser=True))

    assert "private-address" in client.get(LIST, {"error__exact": "private-address"}).content.decode()


def test_moderator_has_pages_asked_again_and_previews_dropped(client: Client, story: Story, media: Path) -> None:
    client.force_login(ModeratorFactory.create(is_staff=True, is_superuser=True))

    said = [act(client, "fetch"), act(client, "drop")]
    fetch, drop = Job.objects.order_by("pk")
    run(drop)

    assert "asked again: 1." in said[0]
    assert "dropped: 1." in said[1]
    assert (fetch.name, fetch.ids) == ("previews.fetch", {"story": story.pk})
    assert list(media.rglob("*.webp")) == []
    assert 'class="card"' not in page_of(client, story)


def test_plain_staff_cannot_act(client: Client, story: Story) -> None:
    client.force_login(PersonFactory.create(is_staff=True))

    act(client, "drop")

    assert Job.objects.count() == 0
