"""The communities and tags that imported stories need: held, and missing ones set up. Not here: stories."""

from collections.abc import Collection
from datetime import datetime

from apps.communities.actions import define_community, define_tag
from apps.communities.models import Community, Tag
from apps.importing import references

IMPORTED = "imported"
# After the operators' own categories.
IMPORTED_POSITION = 100


def communities(slugs: Collection[str], now: datetime) -> dict[str, int]:
    """Ids of the communities by slug. 2 queries, more when one is new."""
    ids = dict(Community.objects.filter(slug__in=slugs).values_list("slug", "pk"))
    references.hold(Community, ids.values())
    for slug in sorted(set(slugs) - ids.keys()):
        name = slug.replace("-", " ").replace("_", " ").strip().capitalize()
        ids[slug] = define_community(slug=slug, name=name, now=now).pk
    return ids


def tags(names: Collection[str]) -> dict[str, Tag]:
    """The tags by name. 2 queries, more when one is new."""
    found = {tag.name: tag for tag in Tag.objects.filter(name__in=names)}
    references.hold(Tag, [tag.pk for tag in found.values()])
    for name in sorted(set(names) - found.keys()):
        found[name] = define_tag(category=IMPORTED, position=IMPORTED_POSITION, name=name)
    return found
