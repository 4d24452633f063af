"""Joining, leaving, muting tags; what operators set up."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from apps.accounts.models import User
from apps.accounts.permissions import check_may_write
from apps.communities import tags
from apps.communities.models import Community, Membership, Tag, TagCategory, TagMute
from apps.core.text import clean, clean_line, render_markdown
from apps.jobs import actions as jobs
from apps.pagecache import purging
from apps.pagecache.tags import viewer


@transaction.atomic
def join_community(*, by: User, community: Community, now: datetime) -> Membership:
    """Make `by` a member. Idempotent. Raises Banned. 2 writes."""
    check_may_write(by, now)
    membership, created = Membership.objects.get_or_create(user=by, community=community, defaults={"joined_at": now})
    if created:
        Community.objects.filter(pk=community.pk).update(num_members=F("num_members") + 1)
        purging.purge(tags.COMMUNITIES, tags.community(community.slug), viewer(by.pk))
    return membership


@transaction.atomic
def leave_community(*, by: User, community: Community) -> None:
    """End `by`'s membership, and with it any moderator's rights there. Idempotent. 2 writes."""
    deleted, _ = Membership.objects.filter(user=by, community=community).delete()
    if deleted:
        Community.objects.filter(pk=community.pk).update(num_members=F("num_members") - 1)
        purging.purge(tags.COMMUNITIES, tags.community(community.slug), viewer(by.pk))


@transaction.atomic
def mute_tag(*, by: User, tag: Tag, now: datetime) -> None:
    """Hide stories with `tag` from `by`'s lists. Idempotent."""
    TagMute.objects.get_or_create(user=by, tag=tag, defaults={"created_at": now})


@transaction.atomic
def unmute_tag(*, by: User, tag: Tag) -> None:
    """Show stories with `tag` again. Idempotent."""
    TagMute.objects.filter(user=by, tag=tag).delete()


@transaction.atomic
def define_community(*, slug: str, name: str, summary: str = "", rules: str = "", now: datetime) -> Community:
    """Set up a community, or change its name, summary and rules. Idempotent."""
    texts = {
        "name": clean_line(name),
        "summary": clean_line(summary),
        "rules": clean(rules),
        "rules_html": render_markdown(clean(rules)),
    }
    community, _ = Community.objects.update_or_create(
        slug=slug, defaults=texts, create_defaults=texts | {"created_at": now}
    )
    purging.purge(tags.COMMUNITIES, tags.community(slug))
    return community


@transaction.atomic
def define_category(*, name: str, position: int) -> TagCategory:
    """Set up a heading of the vocabulary, or move it. Idempotent."""
    category, _ = TagCategory.objects.update_or_create(name=name, defaults={"position": position})
    purging.purge(tags.VOCABULARY)
    return category


@transaction.atomic
def define_tag(
    *,
    category: str,
    position: int,
    name: str,
    summary: str = "",
    hotness_mod: float = 0.0,
    is_active: bool = True,
) -> Tag:
    """Set up a tag, or change its category, summary, rank modifier and use. Idempotent."""
    texts = {
        "category": define_category(name=category, position=position),
        "summary": clean_line(summary),
        "hotness_mod": hotness_mod,
        "is_active": is_active,
    }
    tag, _ = Tag.objects.update_or_create(name=name, defaults=texts)
    jobs.enqueue("search.index", kind="tag", pk=tag.pk)
    purging.purge(tags.VOCABULARY, tags.word(name))
    return tag


@transaction.atomic
def appoint_moderator(*, person: User, community: Community, now: datetime) -> Membership:
    """Let `person` moderate `community`, as a member of it. Idempotent. Raises Banned."""
    membership = join_community(by=person, community=community, now=now)
    membership.is_moderator = True
    membership.save(update_fields=["is_moderator"])
    purging.purge(tags.community(community.slug), viewer(person.pk))
    return membership


@transaction.atomic
def dismiss_moderator(*, person: User, community: Community) -> None:
    """Leave `person` a plain member of `community`. Idempotent. 1 write."""
    Membership.objects.filter(user=person, community=community).update(is_moderator=False)
    purging.purge(tags.community(community.slug), viewer(person.pk))
