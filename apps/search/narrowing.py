"""What operators leave of the matches, and the score, which only the rows know. Not here: words (engines/)."""

from collections.abc import Callable
from typing import Any

from django.db.models import Case, Exists, IntegerField, Model, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from apps.accounts.models import User
from apps.comments.models import Comment
from apps.communities.models import Community, Tag
from apps.search.language import BadQuery, Filter, Query, moment
from apps.search.models import Document
from apps.stories.models import Story, StoryTag

# Whose names these are; a name that nobody has is more likely a slip than a wish to find nothing.
NAMED: dict[str, tuple[QuerySet[Any], str, str]] = {
    "tag:": (Tag.objects.all(), "name", "there is no tag of that name"),
    "user:": (User.objects.all(), "username__lower", "there is nobody of that name"),
    "community:": (Community.objects.all(), "slug", "there is no community of that name"),
}
TRAITS = {
    "link": ~Q(story__url=""),
    "text": Q(story__url=""),
    "own": Q(story__is_own_work=True),
}


def narrowed(rows: QuerySet[Document], query: Query) -> QuerySet[Document]:
    """Those for which all operators hold, with their `points`. Raises BadQuery. 1 query for each name."""
    rows = rows.filter(kind__in=query.kinds).annotate(points=_points())
    for one in query.filters:
        condition = CONDITIONS[one.operator](one)
        rows = rows.exclude(condition) if one.is_excluded else rows.filter(condition)
    return rows


def _points() -> Coalesce:
    """The score of a story or a comment, the karma of a person; 0 for a row that has gone since it was indexed."""
    columns: dict[str, tuple[type[Model], str]] = {
        "story": (Story, "score"),
        "comment": (Comment, "score"),
        "person": (User, "karma"),
    }
    known = (
        When(kind=kind, then=Subquery(model._default_manager.filter(pk=OuterRef("target_id")).values(column)))
        for kind, (model, column) in columns.items()
    )
    return Coalesce(Case(*known, output_field=IntegerField()), 0)


def _ids(one: Filter) -> list[int]:
    """Whom the values name. 1 query."""
    rows, column, refusal = NAMED[one.operator]
    found = dict(rows.filter(**{f"{column}__in": one.values}).values_list(column, "pk"))
    if missing := sorted(set(one.values) - found.keys()):
        raise BadQuery(f"“{one.operator}{missing[0]}”: {refusal}.")
    return list(found.values())


# What each operator wants of a document.
CONDITIONS: dict[str, Callable[[Filter], Q | Exists]] = {
    "tag:": lambda one: Exists(StoryTag.objects.filter(story=OuterRef("story"), tag__in=_ids(one))),
    "user:": lambda one: Q(author__in=_ids(one)),
    "community:": lambda one: Q(story__community__in=_ids(one)),
    "domain:": lambda one: Q(story__domain__in=one.values),
    "before:": lambda one: Q(created_at__lt=moment(one.values[0])),
    "after:": lambda one: Q(created_at__gte=moment(one.values[0])),
    "score>": lambda one: Q(points__gt=int(one.values[0])),
    "is:": lambda one: TRAITS.get(one.values[0], Q()),
}
