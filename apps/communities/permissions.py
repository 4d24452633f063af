"""Who moderates a community, and the loaders of communities and tags."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from apps.accounts.models import User
from apps.accounts.permissions import Viewer, is_moderator
from apps.communities.models import Community, Membership, Tag
from apps.core.errors import NotFound
from apps.core.prepared import prepared


def access_community(slug: str) -> Community:
    """The community of that name. Raises NotFound. 1 query."""
    community = Community.objects.filter(slug=slug).first()
    if community is None:
        raise NotFound("There is no community of that name.")
    return community


def access_tag(name: str) -> Tag:
    """The tag of that name, active or not. Raises NotFound. 1 query."""
    tag = Tag.objects.filter(name=name).first()
    if tag is None:
        raise NotFound(f"There is no tag “{name}”. The list of all tags has those in use.")
    return tag


def can_moderate(user: Viewer, community_id: int) -> bool:
    """Whether this person moderates that community, or the whole site. At most 1 query."""
    return community_id in moderated_among(user, {community_id})


def moderated_by(user: User) -> QuerySet[Community]:
    """The communities that this person moderates: all of them, who moderates the whole site. No query yet."""
    if is_moderator(user):
        return Community.objects.all()
    return Community.objects.filter(memberships__user=user, memberships__is_moderator=True)


def moderated_among(user: Viewer, community_ids: set[int]) -> set[int]:
    """Which of these communities this person moderates. At most 1 query."""
    if is_moderator(user):
        return community_ids
    if not user.is_authenticated:
        return set()
    return {pk for (pk,) in _moderated(user.pk, list(community_ids))}


@prepared
def _moderated(user_id: int, community_ids: Sequence[int]) -> QuerySet[Any, Any]:
    own = Membership.objects.filter(user=user_id, community__in=community_ids, is_moderator=True)
    return own.values_list("community_id")
