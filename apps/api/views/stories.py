"""Stories: lists, one, and what people do with them."""

from collections.abc import Sequence

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.permissions import access_person
from apps.api.endpoints import Endpoint, check_match, version_of
from apps.api.models import Scope
from apps.api.operations import Answer, Call, MemberCall, operation
from apps.api.shapes import stories as shapes
from apps.api.shapes.base import Values
from apps.api.sharing import page_of
from apps.comments import actions as comments
from apps.comments.queries.times import last_visit
from apps.communities.permissions import access_community, access_tag
from apps.communities.tags import together
from apps.core import cursors
from apps.stories import actions
from apps.stories.actions import Draft
from apps.stories.links import parse_url
from apps.stories.models import Story
from apps.stories.permissions import access_story
from apps.stories.queries import lists, single
from apps.stories.queries.lists import Listing
from apps.stories.queries.rows import listed_rows
from apps.votes import actions as votes


class Stories(Endpoint):
    """All stories."""

    @operation(gives=shapes.Stories, query=shapes.AllStoriesQuery, is_public=True)
    def get(self, call: Call, query: Values) -> Answer:
        """Read the stories of the whole site, some by their ids, or those about a page of the web."""
        if "url" in query:
            return _some(call, single.ids_about(parse_url(query["url"]).normalized_url))
        return _some(call, query["ids"]) if "ids" in query else _listed(call, query)

    @operation(scope=Scope.WRITE, takes=shapes.StoryDraft, gives=shapes.StoryDetail, status=201)
    def post(self, call: MemberCall, given: Values) -> Answer:
        """Submit a link, a text, or both."""
        place = access_community(given["community"])
        draft = Draft(**{name: given[name] for name in ("title", "text", "url", "is_own_work")}, tags=(*given["tags"],))
        story = actions.submit_story(by=call.user, community=place, draft=draft, now=timezone.now())
        return _whole(call, story, {"Location": f"/api/v1/stories/{story.pk}"})


class CommunityStories(Endpoint):
    """Stories of one community."""

    @operation(gives=shapes.Stories, query=shapes.StoriesQuery, is_public=True)
    def get(self, call: Call, slug: str, query: Values) -> Answer:
        """Read the stories of a community."""
        return _listed(call, query, community=access_community(slug))


class TaggedStories(Endpoint):
    """Stories with any of up to five tags."""

    @operation(gives=shapes.Stories, query=shapes.StoriesQuery, is_public=True)
    def get(self, call: Call, names: str, query: Values) -> Answer:
        """Read the stories with any of these tags, which the address joins by commas."""
        return _listed(call, query, tags=tuple(access_tag(name) for name in together(names)))


class DomainStories(Endpoint):
    """Stories from one web site."""

    @operation(gives=shapes.Stories, query=shapes.StoriesQuery, is_public=True)
    def get(self, call: Call, domain: str, query: Values) -> Answer:
        """Read the stories from a web site."""
        return _listed(call, query, domain=domain.lower())


class PersonStories(Endpoint):
    """Stories that one person submitted."""

    @operation(gives=shapes.Stories, query=shapes.StoriesQuery, is_public=True)
    def get(self, call: Call, username: str, query: Values) -> Answer:
        """Read what a person submitted."""
        return _listed(call, query, person=access_person(username))


class OneStory(Endpoint):
    """One story."""

    @operation(gives=shapes.StoryDetail, is_public=True)
    def get(self, call: Call, pk: int) -> Answer:
        """Read a story; of one that is gone, its place."""
        return _whole(call, access_story(call.user, pk))

    @operation(scope=Scope.WRITE, takes=shapes.StoryEdit, gives=shapes.StoryDetail, refusals=(412,))
    def patch(self, call: MemberCall, pk: int, given: Values) -> Answer:
        """Change title, text, tags in the first hours. The link stays: it is what was discussed."""
        story = _unchanged(call, pk)
        kept = {"title": story.title, "text": single.text_of(story).markdown, "tags": single.tag_names(story)}
        draft = Draft(
            **kept | {"is_own_work": story.is_own_work} | given | {"tags": (*given.get("tags", kept["tags"]),)}
        )
        return _whole(call, actions.edit_story(by=call.user, story=story, draft=draft, now=timezone.now()))

    @operation(scope=Scope.WRITE, refusals=(412,))
    def delete(self, call: MemberCall, pk: int) -> Answer:
        """Take a story of one's own from all lists and drop its text; the thread stays."""
        actions.delete_story(by=call.user, story=_unchanged(call, pk), now=timezone.now())
        return Answer()


class StoryRank(Endpoint):
    """Why a story stands where it stands."""

    @operation(gives=shapes.Rank, is_public=True)
    def get(self, call: Call, pk: int) -> Answer:
        """Read the parts of a story's rank."""
        rank, modifiers = single.rank_parts(access_story(call.user, pk))
        parts = {name: getattr(rank, name) for name in ("hotness", "points", "base", "age", "counted_comment_points")}
        return Answer(parts | {"modifiers": modifiers})


class StoryVote(Endpoint):
    """One's own vote on a story."""

    @operation(scope=Scope.WRITE)
    def put(self, call: MemberCall, pk: int) -> Answer:
        """Vote for a story. Idempotent."""
        votes.cast_story_vote(by=call.user, story=access_story(call.user, pk), now=timezone.now())
        return Answer()

    @operation(scope=Scope.WRITE)
    def delete(self, call: MemberCall, pk: int) -> Answer:
        """Retract one's vote. Idempotent."""
        votes.retract_story_vote(by=call.user, story=access_story(call.user, pk), now=timezone.now())
        return Answer()


class StorySaved(Endpoint):
    """Whether one keeps a story for later."""

    @operation(scope=Scope.WRITE)
    def put(self, call: MemberCall, pk: int) -> Answer:
        """Save a story. Idempotent."""
        actions.save_story(by=call.user, story=access_story(call.user, pk), now=timezone.now())
        return Answer()

    @operation(scope=Scope.WRITE)
    def delete(self, call: MemberCall, pk: int) -> Answer:
        """Save it no longer. Idempotent."""
        actions.unsave_story(by=call.user, story=access_story(call.user, pk))
        return Answer()


class StoryHidden(Endpoint):
    """Whether one wants to see a story in lists."""

    @operation(scope=Scope.WRITE)
    def put(self, call: MemberCall, pk: int) -> Answer:
        """Hide a story. Idempotent."""
        actions.hide_story(by=call.user, story=access_story(call.user, pk), now=timezone.now())
        return Answer()

    @operation(scope=Scope.WRITE)
    def delete(self, call: MemberCall, pk: int) -> Answer:
        """Hide it no longer. Idempotent."""
        actions.unhide_story(by=call.user, story=access_story(call.user, pk))
        return Answer()


class StoryVisit(Endpoint):
    """How far one has read a thread."""

    @operation(scope=Scope.WRITE, takes=shapes.Visit)
    def put(self, call: MemberCall, pk: int, given: Values) -> Answer:
        """Mark a thread as read up to a time; never less far than before."""
        story = access_story(call.user, pk)
        comments.record_visit(by=call.user, story=story, until=given["until"], now=timezone.now())
        return Answer()


class DomainMute(Endpoint):
    """Whether one wants to read what comes from a web site."""

    @operation(scope=Scope.WRITE)
    def put(self, call: MemberCall, domain: str) -> Answer:
        """Mute a web site. Idempotent."""
        actions.mute_domain(by=call.user, domain=domain, now=timezone.now())
        return Answer()

    @operation(scope=Scope.WRITE)
    def delete(self, call: MemberCall, domain: str) -> Answer:
        """Mute it no longer. Idempotent."""
        actions.unmute_domain(by=call.user, domain=domain)
        return Answer()


def _listed(call: Call, query: Values, **scope: object) -> Answer:
    listing = Listing(order=query["order"], window=query["window"], **scope)  # type: ignore[arg-type]  # by its callers
    page = lists.listing(listing, cursor=cursors.parse(call.query_params, listing.keys), now=timezone.now())
    return Answer(page_of(call, page, shapes.shown(page.rows, call.user)))


def _some(call: Call, ids: Sequence[int]) -> Answer:
    rows = {row.id: row for row in listed_rows(ids)}
    items = shapes.shown([rows[pk] for pk in ids if pk in rows], call.user)
    return Answer({"items": items, "previous": None, "next": None})


def _whole(call: Call, story: Story, headers: dict[str, str] | None = None) -> Answer:
    found = shapes.whole(story, call.user)
    if isinstance(call.user, User):
        found["viewer"]["visited_at"] = last_visit(call.user, story.pk)
    return Answer(found, headers or {}, _version(found))


def _unchanged(call: MemberCall, pk: int) -> Story:
    """The story, locked, if it is still what If-Match says. Raises ChangedMeanwhile, NotFound."""
    story = actions.lock_story(access_story(call.user, pk).pk)
    check_match(call, _version(shapes.whole(story, AnonymousUser())))
    return story


def _version(found: Values) -> str:
    """Of what its author can change."""
    return version_of(*(found[name] for name in ("title", "markdown", "tags", "is_own_work")))
