"""The index of what can be found: one document for each story, comment, person and tag that everybody may see.

Not here: how words become matches (engines/).
"""

from django.conf import settings
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from apps.search.language import NAMES, POSTS
from apps.stories.models import Story


class Document(models.Model):
    """What a row says in plain text, as it was when a job looked last. `story` is that of a comment, too.

    Apart from the rows themselves, so that those stay narrow. What changes often, as scores and tags do, is not here:
    searches ask the rows.
    """

    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in (*POSTS, *NAMES)])
    target_id = models.BigIntegerField()
    story = models.ForeignKey(Story, null=True, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()
    title = models.TextField(blank=True)
    body = models.TextField(blank=True)
    # PostgreSQL's; SQLite has a table of its own, a Match for each document.
    vector = SearchVectorField(null=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "target_id"], name="search_one_document")]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="search_newest"),
            models.Index(fields=["author", "-created_at"], name="search_by_author"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.target_id}"


class Match(models.Model):
    """SQLite's index: a table of FTS5, which triggers keep. Comparing `table` with a question means matching it."""

    document = models.OneToOneField(
        Document, primary_key=True, on_delete=models.DO_NOTHING, related_name="match", db_column="rowid"
    )
    table = models.TextField(db_column="search_match")
    # How bad the match is: bm25, a title's words counting more.
    rank = models.FloatField()

    class Meta:
        managed = False
        db_table = "search_match"
        verbose_name_plural = "matches"

    def __str__(self) -> str:
        return f"Match {self.pk}"
