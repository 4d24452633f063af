"""What is found, in which order, and what is said of it."""

from contextlib import suppress
from datetime import timedelta

import pytest

from apps.comments.models import Comment
from apps.core import cursors
from apps.search import queries
from apps.search.language import BadQuery, parse
from apps.search.queries import ORDERS, search
from apps.stories.models import Story
from tests.core import hostile
from tests.factories import NOW, CommentFactory, CommunityFactory, PersonFactory, StoryFactory, TagFactory
from tests.search.indexing import found, hits, index_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("each_engine")]


@pytest.fixture
def stories() -> dict[str, Story]:
    """Three stories about waves, by the word that tells them apart."""
    mia, sam = PersonFactory.create(username="Mia"), PersonFactory.create(username="sam")
    sea, lab = CommunityFactory.create(slug="sea"), CommunityFactory.create(slug="lab")
    physics, ask = TagFactory.create(name="physics"), TagFactory.create(name="ask")
    fields = {"text": "", "base_ups": 5}
    rogue = StoryFactory.create(
        title="Rogue waves",
        author=mia,
        community=sea,
        tags=(physics,),
        url="https://example.org/a",
        created_at=NOW - timedelta(days=40),
        **fields,
    )
    sound = StoryFactory.create(
        title="Sound waves",
        author=sam,
        community=lab,
        tags=(physics, ask),
        text="Why do they travel so far?",
        created_at=NOW - timedelta(days=10),
        base_ups=50,
    )
    radio = StoryFactory.create(
        title="Radio waves",
        author=sam,
        community=lab,
        tags=(ask,),
        url="https://radio.example/b",
        is_own_work=True,
        created_at=NOW,
        **fields,
    )
    index_all()
    return {"rogue": rogue, "sound": sound, "radio": radio}


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("waves", "radio sound rogue"),
        ("WAVE", "radio sound rogue"),
        ("waves radio", "radio"),
        ("rogue OR radio", "radio rogue"),
        ("waves -radio", "sound rogue"),
        ("waves -radio -rogue", "sound"),
        ('waves -"rogue waves"', "radio sound"),
        ('"sound waves"', "sound"),
        ('"waves sound"', ""),
        ("travel far", "sound"),
        ("tag:physics", "sound rogue"),
        ("tag:physics tag:ask", "sound"),
        ("tag:physics,ask", "radio sound rogue"),
        ("waves -tag:ask", "rogue"),
        ("user:mia", "rogue"),
        ("user:MIA,sam radio", "radio"),
        ("waves -user:sam", "rogue"),
        ("community:lab", "radio sound"),
        ("-community:lab is:story", "rogue"),
        ("domain:example.org", "rogue"),
        ("waves -domain:example.org", "radio sound"),
        ("after:2026-02", "radio sound"),
        ("before:2026-02", "rogue"),
        ("waves after:2026-02-01 before:2026-03-01", "sound"),
        ("waves score>5", "sound"),
        ("waves score>4", "radio sound rogue"),
        ("is:link", "radio rogue"),
        ("is:text waves", "sound"),
        ("is:own", "radio"),
        ("is:comment waves", ""),
    ],
)
def test_words_and_operators_find_what_fits(stories: dict[str, Story], typed: str, names: str) -> None:
    assert found(typed) == [("story", stories[name].pk) for name in names.split()]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("tag:phyics", "“tag:phyics”: there is no tag of that name."),
        ("user:mia,nobody", "“user:nobody”: there is nobody of that name."),
        ("-community:moon waves", "“community:moon”: there is no community of that name."),
    ],
)
def test_a_name_that_nobody_has_is_said(stories: dict[str, Story], typed: str, sentence: str) -> None:
    with pytest.raises(BadQuery) as refusal:
        found(typed)

    assert refusal.value.detail == sentence


def test_orders(stories: dict[str, Story]) -> None:
    StoryFactory.create(title="Of other things", text="At its end, a wave.", created_at=NOW)
    index_all()
    last = Story.objects.latest("pk")

    assert found("waves", "score")[0] == ("story", stories["sound"].pk)
    assert found("waves", "relevance")[-1] == ("story", last.pk)
    assert [pk for _, pk in found("waves", "newest")][-1] == stories["rogue"].pk


@pytest.mark.drifts(reason="rows lost without an action")
@pytest.mark.parametrize("order", ORDERS)
def test_what_has_gone_since_it_was_indexed_is_left_out(stories: dict[str, Story], order: str) -> None:
    CommentFactory.create(story=stories["rogue"], text="More waves.")
    index_all()

    Comment.objects.all().delete()

    assert {kind for kind, _ in found("waves", order)} == {"story"}


def test_comments_fit_by_their_storys_tags_domain_and_community(stories: dict[str, Story]) -> None:
    comment = CommentFactory.create(story=stories["rogue"], text="Terrifying.", base_ups=9)
    index_all()

    for typed in ("tag:physics", "domain:example.org", "community:sea", "score>8", "is:comment"):
        assert found(f"terrifying {typed}") == [("comment", comment.pk)]
    assert found("terrifying tag:ask") == []


@pytest.mark.parametrize("order", ORDERS)
def test_pages_lead_through_everything_once_and_back(order: str) -> None:
    for number in range(60):
        StoryFactory.create(title=f"Wave {number}", base_ups=number % 7, created_at=NOW - timedelta(days=number % 9))
    index_all()
    query, links = parse("wave"), [""]
    pages: list[list[int]] = []

    while links[-1] or not pages:
        page = search(query, order=order, cursor=place(links[-1], order)).page
        pages.append([hit.row.id for hit in page.rows])
        links.append(page.next)

    assert [len(page) for page in pages] == [25, 25, 10]
    assert len({pk for page in pages for pk in page}) == 60
    last = search(query, order=order, cursor=place(links[2], order)).page
    back = search(query, order=order, cursor=place(last.previous, order)).page
    assert [hit.row.id for hit in back.rows] == pages[1]
    first = search(query, order=order, cursor=place(back.previous, order)).page
    assert [hit.row.id for hit in first.rows] == pages[0]
    assert first.previous == ""


def place(link: str, order: str) -> cursors.Cursor | None:
    name, _, value = link.removeprefix("?").partition("=")
    return cursors.parse({name: value}, ORDERS[order])


def test_headlines_mark_the_words_and_nothing_else() -> None:
    StoryFactory.create(title="Waves <b>of</b> sound", text="Long ago. " * 200 + "A **wave** of <i>change</i> & more.")
    index_all()

    (hit,) = hits("wave")

    assert hit.title.startswith("<mark>Waves</mark> ")
    assert "<mark>wave</mark>" in hit.text
    assert len(hit.text) < 400
    assert hit.text.replace("<mark>", "").replace("</mark>", "").count("<") == 0


def test_without_words_a_text_is_shown_from_its_beginning() -> None:
    StoryFactory.create(text="One two three. " * 50)
    index_all()

    (hit,) = hits("is:text")

    assert hit.text.startswith("One two three.")
    assert hit.text.endswith("…")


@pytest.mark.parametrize(
    "typed", [*hostile.ALL, "'; --", "a:*", "a & b | !c", "<->", "NEAR(a b)", "a* ^b {c d}: e", "\\' \\"]
)
def test_hostile_searches_find_nothing_and_do_no_harm(typed: str) -> None:
    StoryFactory.create()
    index_all()

    for text in (typed[:250], f'"{typed[:200]}"', f"is:person {typed[:200]}", f"story -{typed[:100]}"):
        with suppress(BadQuery):
            found(text, "score")


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("你好世界的故事", "世界"),
        ("データベースの話", "ベース"),
        ("Прекрасные волны", "волны"),
        ("موجة كبيرة", "كبيرة"),
        ("Smörgåsbord", "smörgåsbord"),
        ("C++ and C#", "c++"),
        ("A well-known host: www.example.org", "well-known"),
        ("Straße", "straße"),
        ("été", "e\u0301te\u0301"),
        ("Waves 🌊 ahead", "ahead 🌊"),
    ],
)
def test_scripts_of_the_world_are_found(title: str, typed: str) -> None:
    story = StoryFactory.create(title=title)
    index_all()

    assert found(typed) == [("story", story.pk)]
    assert "<mark>" in hits(typed)[0].title


def test_of_a_common_word_the_newest_are_sorted_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST", 3)
    stories = [StoryFactory.create(title="Wave", created_at=NOW - timedelta(days=day)) for day in range(5)]
    index_all()

    result = search(parse("wave"), order="newest", cursor=None)

    assert [hit.row.id for hit in result.page.rows] == [story.pk for story in stories[:3]]
    assert (result.count, result.since) == (3, stories[2].created_at)
