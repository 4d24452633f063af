"""What all admin lists share, so that they stay fast on a million rows. Not here: any model's own admin."""

import re
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from apps.core.text import clean_line

# PostgreSQL takes no text with a NUL, SQLite no number of 64 bits or more.
UNHEARD_OF = re.compile(r"\x00|\d{19}")


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # generic for the type checker only
    """Counts no further than a person would turn pages; what lies beyond is found by search."""

    FURTHEST = 10_000

    @cached_property
    def count(self) -> int:
        """How many rows there are, at most FURTHEST. 1 query that reads as many."""
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]  # admin lists are always querysets
        return rows.order_by()[: self.FURTHEST].count()


class LargeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for the type checker only
    """Newest first, no full counts, no sorting by other columns, search by equality only.

    Nothing is deleted here: rows of people's making are removed by actions, and leave a placeholder.
    """

    ordering = ("-pk",)
    sortable_by = ()
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The rows that the first successful one of `search_fields` finds: each is a lookup with an index.

        The term is compared in small letters. At most one short query for each field.
        """
        if not (term := clean_line(search_term).lower()):
            return queryset, False
        for lookup in self.get_search_fields(request):
            try:
                found = queryset.filter(**{lookup: term})
            except ValueError:
                continue  # a word where a number is compared
            if found.exists():
                return found, False
        return queryset.none(), False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Whether a list may be filtered so: not by what a database takes for no text, or for no number."""
        return not UNHEARD_OF.search(value) and super().lookup_allowed(lookup, value, request)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Never."""
        return False


class ReadOnlyAdmin(LargeAdmin):
    """For what only the site's own actions may write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Never."""
        return False
