"""What people do with stories."""

from datetime import timedelta

import pytest

from apps.accounts.models import User
from apps.accounts.permissions import Banned
from apps.communities.models import Community, Tag
from apps.core.errors import Invalid, NotAllowed
from apps.core.text import clean_line
from apps.moderation.actions.acts import remove_story
from apps.stories import actions
from apps.stories.actions import Draft, Duplicate
from apps.stories.links import BadLink
from apps.stories.models import DomainMute, HiddenStory, SavedStory, Story, StoryText
from apps.stories.permissions import EditingClosed
from apps.stories.queries import own, single
from tests.core.hostile import ALL
from tests.core.inert import faults
from tests.factories import NOW, CommunityFactory, ModeratorFactory, PersonFactory, StoryFactory, TagFactory

pytestmark = pytest.mark.django_db

LINK = "https://example.org/a"


@pytest.fixture
def author() -> User:
    return PersonFactory.create()


@pytest.fixture
def town() -> Community:
    return CommunityFactory.create(slug="town")


@pytest.fixture(autouse=True)
def web() -> Tag:
    return TagFactory.create(name="web", hotness_mod=0.5)


def draft(**fields: object) -> Draft:
    return Draft(**{"title": "A title", "url": LINK, "tags": ("web",)} | fields)  # type: ignore[arg-type]  # by name


def test_a_link_is_published_with_its_domain_tags_and_rank(author: User, town: Community, web: Tag) -> None:
    submitted = actions.submit_story(by=author, community=town, draft=draft(url=f"{LINK}?utm_source=x"), now=NOW)

    story = Story.objects.get(pk=submitted.pk)
    assert (story.author, story.community, list(story.tags.all())) == (author, town, [web])
    assert (story.normalized_url, story.domain, story.slug) == ("example.org/a", "example.org", "a-title")
    assert (story.ups, story.score, story.active_at) == (1, 1, NOW)
    assert story.hotness == single.rank_parts(story)[0].hotness
    assert single.rank_parts(story)[0].base == 0.5


def test_a_text_is_rendered_and_has_no_domain(author: User, town: Community) -> None:
    story = actions.submit_story(by=author, community=town, draft=draft(url="", text="*Why?*"), now=NOW)

    assert (story.url, story.domain, story.normalized_url) == ("", "", "")
    assert single.text_of(story).html == "<p><em>Why?</em></p>"


def test_a_link_may_have_a_text(author: User, town: Community) -> None:
    story = actions.submit_story(by=author, community=town, draft=draft(text="Why."), now=NOW)

    assert (story.url, single.text_of(story).markdown) == (LINK, "Why.")


@pytest.mark.parametrize(
    "fields",
    [
        {"url": "", "text": ""},
        {"url": "", "text": " \x00\u202e "},
        {"url": "", "text": "\u200b"},
        {"title": ""},
        {"title": " \u2066 \n"},
        {"title": "\u200b \u00ad"},
        {"title": "\u3164"},
        {"title": "a" * 151},
        {"title": "\U0001d160" * 100},
        {"text": "a" * 40_001},
        {"url": "javascript:alert(1)"},
        {"tags": ()},
        {"tags": ("unknown",)},
        {"tags": ("web", "unknown")},
        {"tags": ("web", "old")},
        {"tags": ("web", "t1", "t2", "t3", "t4", "t5")},
    ],
)
def test_what_is_missing_or_too_much_is_refused_and_leaves_nothing(
    author: User, town: Community, fields: dict[str, object]
) -> None:
    TagFactory.create(name="old", is_active=False)
    for n in range(6):
        TagFactory.create(name=f"t{n}")

    with pytest.raises(Invalid):
        actions.submit_story(by=author, community=town, draft=draft(**fields), now=NOW)

    assert not Story.objects.exists()


def test_five_tags_and_the_same_twice_are_fine(author: User, town: Community) -> None:
    names = ("web", "web", *(TagFactory.create(name=f"t{n}").name for n in range(4)))

    story = actions.submit_story(by=author, community=town, draft=draft(tags=names), now=NOW)

    assert single.tag_names(story) == ("t0", "t1", "t2", "t3", "web")


@pytest.mark.parametrize("source", ALL)
def test_hostile_titles_and_texts_come_out_inert(author: User, town: Community, source: str) -> None:
    written = draft(title=f"x {source}"[:120], text=f"x {source}"[:39_000])

    story = actions.submit_story(by=author, community=town, draft=written, now=NOW)

    story.refresh_from_db()
    assert faults(single.text_of(story).html) == []
    assert story.title == clean_line(story.title)
    assert story.slug.isascii()


def test_a_banned_person_submits_edits_nothing(author: User, town: Community) -> None:
    own = StoryFactory.create(author=author)
    author.banned_until = NOW + timedelta(days=1)

    with pytest.raises(Banned):
        actions.submit_story(by=author, community=town, draft=draft(), now=NOW)
    with pytest.raises(Banned):
        actions.edit_story(by=author, story=own, draft=draft(), now=NOW)


@pytest.mark.parametrize("address", [LINK, "http://www.example.org/a/?utm_medium=x#top"])
def test_a_page_of_the_last_thirty_days_leads_to_its_discussion(author: User, town: Community, address: str) -> None:
    elsewhere = CommunityFactory.create()
    known = StoryFactory.create(url=LINK, community=elsewhere, created_at=NOW - timedelta(days=29, hours=23))

    with pytest.raises(Duplicate) as refusal:
        actions.submit_story(by=author, community=town, draft=draft(url=address), now=NOW)

    assert refusal.value.story == known


@pytest.mark.parametrize(
    "fields",
    [
        {"created_at": NOW - timedelta(days=30, seconds=1)},
        {"removed_at": NOW},
        {"deleted_at": NOW},
        {"held_at": NOW},
    ],
)
def test_an_old_or_unlisted_story_does_not_stand_in_the_way(
    author: User, town: Community, fields: dict[str, object]
) -> None:
    StoryFactory.create(url=LINK, **fields)

    actions.submit_story(by=author, community=town, draft=draft(), now=NOW)

    assert Story.objects.count() == 2


def test_a_text_sent_twice_is_published_once(author: User, town: Community) -> None:
    text = draft(url="", text="Why?")
    first = actions.submit_story(by=author, community=town, draft=text, now=NOW)

    with pytest.raises(Duplicate) as refusal:
        actions.submit_story(by=author, community=town, draft=text, now=NOW + timedelta(minutes=9))

    assert refusal.value.story == first
    actions.submit_story(by=author, community=town, draft=text, now=NOW + timedelta(minutes=11))
    actions.submit_story(by=PersonFactory.create(), community=town, draft=text, now=NOW)


def test_an_edit_changes_title_text_tags_and_rank_but_not_the_link(author: User, town: Community) -> None:
    story = actions.submit_story(by=author, community=town, draft=draft(), now=NOW)
    calm = TagFactory.create(name="calm", hotness_mod=-0.5)
    later = NOW + timedelta(hours=5)
    change = draft(title="Another", text="New.", url="https://other.example", tags=("calm",), is_own_work=True)

    actions.edit_story(by=author, story=story, draft=change, now=later)

    edited = Story.objects.get()
    assert (edited.title, edited.slug, edited.url, edited.edited_at) == ("Another", "another", LINK, later)
    assert (list(edited.tags.all()), edited.is_own_work) == ([calm], True)
    assert single.text_of(edited).markdown == "New."
    assert edited.hotness == single.rank_parts(edited)[0].hotness != story.hotness


def test_only_the_author_edits_and_only_for_six_hours(author: User, town: Community) -> None:
    story = actions.submit_story(by=author, community=town, draft=draft(), now=NOW)

    with pytest.raises(EditingClosed):
        actions.edit_story(by=PersonFactory.create(), story=story, draft=draft(title="Mine"), now=NOW)
    with pytest.raises(EditingClosed):
        actions.edit_story(by=ModeratorFactory.create(), story=story, draft=draft(title="Mine"), now=NOW)
    with pytest.raises(EditingClosed):
        actions.edit_story(by=author, story=story, draft=draft(title="Late"), now=NOW + timedelta(hours=6))

    assert Story.objects.get().title == "A title"


@pytest.mark.parametrize("fields", [{"text": ""}, {"title": ""}, {"tags": ("unknown",)}, {"tags": ()}])
def test_a_bad_edit_of_a_text_story_changes_nothing(author: User, town: Community, fields: dict[str, object]) -> None:
    story = actions.submit_story(by=author, community=town, draft=draft(url="", text="Why?"), now=NOW)

    with pytest.raises(Invalid):
        actions.edit_story(by=author, story=story, draft=draft(**{"url": "", "text": "New"} | fields), now=NOW)

    story.refresh_from_db()
    assert (story.title, story.edited_at) == ("A title", None)
    assert (single.text_of(story).markdown, single.tag_names(story)) == ("Why?", ("web",))


def test_a_deleted_story_keeps_its_place_and_loses_its_text(author: User) -> None:
    story = StoryFactory.create(author=author, text="Secret.")

    for now in (NOW, NOW + timedelta(hours=1)):
        actions.delete_story(by=author, story=story, now=now)

    assert Story.objects.get().deleted_at == NOW
    assert not StoryText.objects.exclude(markdown="", html="").exists()


def test_nobody_deletes_what_another_wrote_or_a_moderator_removed(author: User) -> None:
    story = StoryFactory.create(author=author)

    with pytest.raises(NotAllowed):
        actions.delete_story(by=ModeratorFactory.create(), story=story, now=NOW)
    remove_story(by=ModeratorFactory.create(), story=story, reason="Spam.", now=NOW)
    with pytest.raises(NotAllowed):
        actions.delete_story(by=author, story=story, now=NOW)


def test_saving_hiding_and_muting_twice_is_saving_hiding_and_muting_once(author: User) -> None:
    story = StoryFactory.create(url=LINK)

    for moment in (NOW, NOW + timedelta(hours=1)):
        actions.save_story(by=author, story=story, now=moment)
        actions.hide_story(by=author, story=story, now=moment)
        actions.mute_domain(by=author, domain=story.domain, now=moment)

    assert [model.objects.get().created_at for model in (SavedStory, HiddenStory, DomainMute)] == [NOW] * 3


def test_undoing_twice_is_undoing_once(author: User) -> None:
    story = StoryFactory.create(url=LINK)
    actions.save_story(by=author, story=story, now=NOW)
    actions.hide_story(by=author, story=story, now=NOW)
    actions.mute_domain(by=author, domain=story.domain, now=NOW)

    for _ in range(2):
        actions.unsave_story(by=author, story=story)
        actions.unhide_story(by=author, story=story)
        actions.unmute_domain(by=author, domain=story.domain)

    assert own.marks(author, [story.pk]) == (set(), set())
    assert own.muted_domains(author) == []


def test_a_link_that_is_none_is_refused_with_its_own_sentence(author: User, town: Community) -> None:
    with pytest.raises(BadLink, match="begins with https"):
        actions.submit_story(by=author, community=town, draft=draft(url="not a link"), now=NOW)
