"""Questions about communities and tags."""

from dataclasses import dataclass

from apps.accounts.models import User
from apps.communities.models import Community, Membership, Tag, TagMute

TAG_COLUMNS = ("id", "name", "summary", "hotness_mod", "is_active")


@dataclass(frozen=True, slots=True)
class CommunityRow:
    """A community in the list of all."""

    slug: str
    name: str
    summary: str
    num_members: int


@dataclass(frozen=True, slots=True)
class TagRow:
    """A tag in a list; `hotness_mod` in units of 22 hours."""

    id: int
    name: str
    summary: str
    hotness_mod: float
    is_active: bool


def all_communities() -> list[CommunityRow]:
    """Every community by name. 1 query."""
    rows = Community.objects.order_by("name", "id").values_list("slug", "name", "summary", "num_members")
    return [CommunityRow(*row) for row in rows]


def moderator_names(community: Community) -> list[str]:
    """Who moderates this community, by name. 1 query."""
    rows = Membership.objects.filter(community=community, is_moderator=True).order_by("user__username")
    return list(rows.values_list("user__username", flat=True))


def newest_member_names(community: Community, *, size: int = 60) -> list[str]:
    """The names of the `size` people who joined last. 1 query."""
    rows = Membership.objects.filter(community=community).order_by("-joined_at", "-id")
    return list(rows.values_list("user__username", flat=True)[:size])


def joined_slugs(user: User) -> set[str]:
    """The communities that `user` has joined. 1 query."""
    return set(Membership.objects.filter(user=user).values_list("community__slug", flat=True))


def vocabulary() -> dict[str, list[TagRow]]:
    """All tags by the name of their category, in the operators' order. 1 query."""
    rows = Tag.objects.order_by("category__position", "category__name", "name")
    grouped: dict[str, list[TagRow]] = {}
    for category, *row in rows.values_list("category__name", *TAG_COLUMNS):
        grouped.setdefault(category, []).append(TagRow(*row))
    return grouped


def listed_tags(ids: list[int]) -> list[TagRow]:
    """These tags, in no order. 1 query."""
    return [TagRow(*row) for row in Tag.objects.filter(pk__in=ids).values_list(*TAG_COLUMNS)]


def muted_tag_names(user: User) -> list[str]:
    """The tags `user` does not want to read, by name. 1 query."""
    return list(TagMute.objects.filter(user=user).order_by("tag__name").values_list("tag__name", flat=True))
