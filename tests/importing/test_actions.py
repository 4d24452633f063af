"""What items become."""

from datetime import UTC, datetime
from typing import Any

import pytest

from apps.accounts.models import User
from apps.comments.models import MAX_DEPTH, Comment, CommentText
from apps.communities.models import Tag
from apps.importing.models import ImportedItem
from apps.stories.models import Story, StoryText
from tests.conftest import CountQueries
from tests.factories import PersonFactory, TagFactory
from tests.importing.conftest import Import
from tests.importing.items import TIME, comment, comment_of, counters, recount, story, story_of

pytestmark = pytest.mark.django_db


def test_a_story_keeps_its_title_link_time_points_and_tags(import_items: Import) -> None:
    import_items(story(1, url="https://www.example.org/a?utm_source=x", tags=["C++", "Größe"], flags=2))

    row = story_of(1)
    assert (row.title, row.domain, row.normalized_url) == ("Story 1", "example.org", "example.org/a")
    assert (row.ups, row.flags, row.score, row.base_ups, row.base_flags) == (7, 2, 5, 7, 2)
    assert row.created_at == row.active_at == datetime.fromtimestamp(TIME, UTC)
    assert row.slug == "story-1"
    assert row.community.slug == "general"
    assert sorted(tag.name for tag in row.tags.all()) == ["c++", "groe"]


def test_a_comment_hangs_below_its_parent(import_items: Import) -> None:
    import_items(story(1), comment(2, 1), comment(3, 2), comment(4, 3))

    root, reply, leaf = comment_of(2), comment_of(3), comment_of(4)
    assert (root.parent_id, root.root_id, root.path, root.depth) == (None, None, "", 0)
    assert (reply.parent_id, reply.root_id, reply.path, reply.depth) == (root.pk, root.pk, f"{root.pk}", 1)
    assert (leaf.root_id, leaf.path, leaf.depth) == (root.pk, f"{root.pk}.{reply.pk}", 2)


@pytest.mark.parametrize(("score", "ups", "flags"), [(None, 1, 0), (0, 0, 0), (-3, 0, 3), (8, 8, 0)])
def test_points_come_from_the_score(import_items: Import, score: int | None, ups: int, flags: int) -> None:
    import_items(story(1), comment(2, 1, score=score))

    row = comment_of(2)
    assert (row.ups, row.flags, row.score) == (ups, flags, ups - flags)


def test_counters_agree_with_a_recount_over_several_runs(import_items: Import) -> None:
    TagFactory.create(name="meta", hotness_mod=-0.5)

    import_items(story(1, tags=["meta"]), comment(2, 1, score=9), comment(3, 2, by="maren", score=-4))
    import_items(comment(4, 3, flags=3), comment(5, 1, deleted=True, by=None), comment(6, 5), comment(7, 6, dead=True))

    assert counters() == recount()


def test_a_second_run_changes_nothing(import_items: Import) -> None:
    items = [story(1), comment(2, 1), comment(3, 2)]
    import_items(*items)
    before = counters()

    summary = import_items(*items)

    assert (summary.stories, summary.comments, summary.people, summary.known) == (0, 0, 0, 3)
    assert counters() == before


def test_a_second_run_adds_only_what_is_new(import_items: Import) -> None:
    import_items(story(1), comment(2, 1))

    summary = import_items(story(1, title="Changed"), comment(2, 1), comment(3, 2))

    assert (summary.known, summary.comments) == (2, 1)
    assert story_of(1).title == "Story 1"
    assert counters() == recount()


def test_an_id_that_stands_twice_counts_once(import_items: Import) -> None:
    summary = import_items(story(1), story(1, title="Again"), comment(2, 1), comment(2, 1))

    assert (summary.stories, summary.comments, summary.known, summary.rejected) == (1, 1, 2, 0)
    assert story_of(1).title == "Story 1"


def test_the_same_ids_and_names_of_two_sources_stay_apart(import_items: Import) -> None:
    import_items(story(1, src="one"), comment(2, 1, src="one"), story(1, src="two"), comment(2, 1, src="two"))

    assert comment_of(2, "one").story_id == story_of(1, "one").pk
    assert comment_of(2, "two").story_id == story_of(1, "two").pk
    assert sorted(User.objects.values_list("username", flat=True)) == ["maren", "maren-2", "okonkwo", "okonkwo-2"]


def test_people_cannot_log_in_and_get_names_that_are_free(import_items: Import) -> None:
    PersonFactory.create(username="Maren")

    import_items(story(1), story(2, by="MAREN"), story(3, by="Łukasz Żak!"), story(4, by="山田"), story(5, by="admin"))

    authors = [story_of(number).author for number in range(1, 6)]
    names = [author.username for author in authors if author]
    assert names == ["maren-2", "MAREN-3", "ukasz_Zak", "someone", "admin-2"]
    assert not any(author.has_usable_password() for author in authors if author)


def test_a_chain_deeper_than_the_cap_goes_on_as_siblings(import_items: Import) -> None:
    depth = MAX_DEPTH + 10

    import_items(story(1), *(comment(number, number - 1) for number in range(2, depth + 2)))

    last = comment_of(MAX_DEPTH)
    assert story_of(1).num_comments == depth
    assert set(Comment.objects.filter(depth=MAX_DEPTH - 1).values_list("parent_id", flat=True)) == {last.pk}
    assert counters() == recount()


def test_a_chain_deeper_than_the_cap_goes_on_over_runs(import_items: Import) -> None:
    import_items(story(1), *(comment(number, number - 1) for number in range(2, MAX_DEPTH + 2)))

    import_items(comment(99, MAX_DEPTH + 1))

    assert comment_of(99).parent_id == comment_of(MAX_DEPTH).pk
    assert counters() == recount()


def test_a_deleted_comment_keeps_its_place_without_author_and_text(import_items: Import) -> None:
    import_items(story(1), comment(2, 1, deleted=True, by=None, text="secret"), comment(3, 2))

    row = comment_of(2)
    assert row.author is None
    assert row.deleted_at == row.created_at
    assert CommentText.objects.get(comment=row).html == ""
    assert (row.num_replies, story_of(1).num_comments) == (1, 1)


def test_a_title_too_long_is_cut(import_items: Import) -> None:
    import_items(story(1, title="word " * 60))

    assert story_of(1).title.endswith("word word…")
    assert len(story_of(1).title) <= 150


def test_a_deleted_story_needs_no_title(import_items: Import) -> None:
    import_items({"id": 1, "type": "story", "time": TIME, "deleted": True})

    assert story_of(1).title == "[deleted]"
    assert not Story.objects.filter(deleted_at=None).exists()


def test_a_dead_item_is_removed_and_keeps_its_text(import_items: Import) -> None:
    import_items(story(1), comment(2, 1, dead=True))

    row = comment_of(2)
    assert row.removed_at == row.created_at
    assert CommentText.objects.get(comment=row).html == "<p>Comment 2</p>"
    assert story_of(1).num_comments == 0


def test_a_child_dated_before_its_parent_keeps_its_time(import_items: Import) -> None:
    import_items(story(1), comment(2, 1, time=TIME - 500))

    assert comment_of(2).created_at == datetime.fromtimestamp(TIME - 500, UTC)
    assert story_of(1).active_at == story_of(1).created_at


@pytest.mark.parametrize(
    ("fields", "markdown", "html"),
    [
        ({"text": "<p>a<script>alert(1)</script> <b>b</b>"}, "", "<p>a <strong>b</strong></p>"),
        ({"text": "<i>a</i><p>b"}, "", "<p><em>a</em></p><p>b</p>"),
        ({"text": "<ul><li>a"}, "", "<ul><li>a</li></ul>"),
        ({"text": "x &lt; y<p>second", "src_fmt": "plain"}, "", "<p>x &lt; y</p><p>second</p>"),
        ({"text": "*a*", "src_fmt": "markdown"}, "*a*", "<p><em>a</em></p>"),
        ({"text": "<p>a", "src_text": "**a**", "src_fmt": "markdown"}, "**a**", "<p><strong>a</strong></p>"),
        ({"text": "<p>nul\x00 bell\x07 &#8238;turned &#1;"}, "", "<p>nul bell turned </p>"),
    ],
)
def test_text_becomes_safe_html(import_items: Import, fields: dict[str, str], markdown: str, html: str) -> None:
    import_items(story(1), comment(2, 1, **fields))

    text = CommentText.objects.get()
    assert (text.markdown, text.html) == (markdown, html)


def test_hostile_html_is_inert_in_every_field(import_items: Import) -> None:
    attack = '<img src=x onerror=alert(1)><a href="java&#8238;script:alert(1)">x</a>\u202e'

    import_items(story(1, title=attack, by=attack, text=attack, tags=[attack[:30]], community=attack[:20]))

    row = story_of(1)
    html = StoryText.objects.get().html
    assert "onerror" not in html
    assert "javascript" not in html
    assert "\u202e" not in row.title
    assert row.author is not None
    assert row.author.username == "img_src_x_onerror_alert_1_a_hr"
    assert list(Tag.objects.values_list("name", flat=True)) == ["img-src-x-onerror-alert-1-a"]
    assert row.community.slug == "img-src-x-onerror-a"


def test_a_bad_link_is_shown_as_text_when_there_is_none(import_items: Import) -> None:
    import_items(story(1, url="java<b>script:"), story(2, url="http://[", text="Words"))

    html = {row.story_id: row.html for row in StoryText.objects.all()}
    assert html == {story_of(1).pk: "<p>java&lt;b&gt;script:</p>", story_of(2).pk: "<p>Words</p>"}
    assert story_of(1).url == story_of(2).url == ""


def test_jobs_and_polls_are_stories(import_items: Import) -> None:
    summary = import_items(story(1, type="job"), story(2, type="poll"))

    assert summary.stories == 2


@pytest.mark.usefixtures("known_world")
def test_a_batch_costs_the_same_whatever_its_size(import_items: Import, count_queries: CountQueries) -> None:
    def items(first: int, count: int) -> list[dict[str, Any]]:
        stories = [story(number) for number in range(first, first + count)]
        replies = [comment(number + count, number) for number in range(first, first + count)]
        return [*stories, *replies, comment(first + 2 * count, 1), comment(first + 2 * count + 1, 2)]

    with count_queries() as few:
        import_items(*items(first=10, count=2))
    with count_queries() as many:
        import_items(*items(first=100, count=200))

    assert len(few) == len(many) <= 28


@pytest.fixture
def known_world(import_items: Import) -> None:
    import_items(story(1), comment(2, 1))


def test_a_story_of_ten_thousand_comments_counts_them_all(import_items: Import) -> None:
    items = [comment(number, number // 3 if number > 30 else 1) for number in range(2, 10_002)]

    summary = import_items(story(1), *items)

    assert summary.comments == story_of(1).num_comments == Comment.objects.count() == 10_000
    assert ImportedItem.objects.count() == 10_001
