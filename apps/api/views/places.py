"""Communities and the vocabulary."""

from dataclasses import asdict

from django.utils import timezone

from apps.api.endpoints import Endpoint
from apps.api.models import Scope
from apps.api.operations import Answer, Call, MemberCall, operation
from apps.api.shapes import places as shapes
from apps.communities import actions, queries
from apps.communities.permissions import access_community, access_tag


class Communities(Endpoint):
    """All communities."""

    @operation(gives=shapes.Communities, is_public=True)
    def get(self, call: Call) -> Answer:
        """Read all communities."""
        return Answer({"items": queries.all_communities()})


class OneCommunity(Endpoint):
    """One community."""

    @operation(gives=shapes.CommunityDetail, is_public=True)
    def get(self, call: Call, slug: str) -> Answer:
        """Read what a community is about."""
        place = access_community(slug)
        names = ("slug", "name", "summary", "num_members", "rules_html", "created_at")
        return Answer({name: getattr(place, name) for name in names} | {"moderators": queries.moderator_names(place)})


class Membership(Endpoint):
    """One's own place in a community."""

    @operation(scope=Scope.WRITE)
    def put(self, call: MemberCall, slug: str) -> Answer:
        """Join a community. Idempotent."""
        actions.join_community(by=call.user, community=access_community(slug), now=timezone.now())
        return Answer()

    @operation(scope=Scope.WRITE)
    def delete(self, call: MemberCall, slug: str) -> Answer:
        """Leave it, and with it any moderator's rights there. Idempotent."""
        actions.leave_community(by=call.user, community=access_community(slug))
        return Answer()


class Tags(Endpoint):
    """The vocabulary."""

    @operation(gives=shapes.Tags, is_public=True)
    def get(self, call: Call) -> Answer:
        """Read all tags."""
        words = queries.vocabulary().items()
        return Answer({"items": [asdict(tag) | {"category": category} for category, tags in words for tag in tags]})


class TagMute(Endpoint):
    """Whether one wants to read stories with a tag."""

    @operation(scope=Scope.WRITE)
    def put(self, call: MemberCall, name: str) -> Answer:
        """Mute a tag. Idempotent."""
        actions.mute_tag(by=call.user, tag=access_tag(name), now=timezone.now())
        return Answer()

    @operation(scope=Scope.WRITE)
    def delete(self, call: MemberCall, name: str) -> Answer:
        """Mute it no longer. Idempotent."""
        actions.unmute_tag(by=call.user, tag=access_tag(name))
        return Answer()
