"""Flags: what members tell moderators, and what becomes of it."""

from django.utils import timezone

from apps.api.endpoints import Endpoint
from apps.api.models import Scope
from apps.api.operations import Answer, MemberCall, operation
from apps.api.shapes import flags as shapes
from apps.api.shapes.base import PageQuery, Values
from apps.api.sharing import page_of
from apps.comments.permissions import access_comment
from apps.core import cursors
from apps.moderation import queries
from apps.moderation.actions import flags
from apps.moderation.permissions import access_flags
from apps.stories.permissions import access_story


class Flags(Endpoint):
    """What members have flagged."""

    @operation(gives=shapes.FlaggedPage, query=PageQuery)
    def get(self, call: MemberCall, query: Values) -> Answer:
        """Read what is flagged where one moderates, the most flagged first."""
        places = access_flags(call.user, timezone.now())
        page = queries.flagged_items(places, cursor=cursors.parse(call.query_params, queries.MOST_FLAGGED))
        return Answer(page_of(call, page, [shapes.shown(row) for row in page.rows]))


class StoryFlag(Endpoint):
    """One's own flag on a story."""

    @operation(scope=Scope.WRITE, takes=shapes.FlagDraft)
    def put(self, call: MemberCall, pk: int, given: Values) -> Answer:
        """Tell the moderators what is wrong with a story. Idempotent: the first reason stays."""
        flags.flag_story(by=call.user, story=access_story(call.user, pk), **given, now=timezone.now())
        return Answer()

    @operation(scope=Scope.WRITE)
    def delete(self, call: MemberCall, pk: int) -> Answer:
        """Take one's flag back, unless it is settled. Idempotent."""
        flags.unflag(by=call.user, item=access_story(call.user, pk))
        return Answer()


class CommentFlag(Endpoint):
    """One's own flag on a comment."""

    @operation(scope=Scope.WRITE, takes=shapes.FlagDraft)
    def put(self, call: MemberCall, pk: int, given: Values) -> Answer:
        """Tell the moderators what is wrong with a comment. Idempotent: the first reason stays."""
        flags.flag_comment(by=call.user, comment=access_comment(call.user, pk), **given, now=timezone.now())
        return Answer()

    @operation(scope=Scope.WRITE)
    def delete(self, call: MemberCall, pk: int) -> Answer:
        """Take one's flag back, unless it is settled. Idempotent."""
        flags.unflag(by=call.user, item=access_comment(call.user, pk))
        return Answer()


class StoryFlags(Endpoint):
    """All flags on a story."""

    @operation(scope=Scope.MODERATE)
    def delete(self, call: MemberCall, pk: int) -> Answer:
        """Dismiss the flags of a story, which stays as it is. Idempotent."""
        flags.settle_flags(by=call.user, item=access_story(call.user, pk), now=timezone.now())
        return Answer()


class CommentFlags(Endpoint):
    """All flags on a comment."""

    @operation(scope=Scope.MODERATE)
    def delete(self, call: MemberCall, pk: int) -> Answer:
        """Dismiss the flags of a comment, which stays as it is. Idempotent."""
        flags.settle_flags(by=call.user, item=access_comment(call.user, pk), now=timezone.now())
        return Answer()


class MyFlags(Endpoint):
    """What one has flagged."""

    @operation(gives=shapes.OwnFlags, query=PageQuery)
    def get(self, call: MemberCall, query: Values) -> Answer:
        """Read one's flags, last first."""
        page = queries.own_flags(call.user, cursor=cursors.parse(call.query_params, queries.NEWEST))
        return Answer(page_of(call, page, page.rows))
