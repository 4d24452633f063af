"""What stories' pages say of themselves. Not here: the pages, and how they are asked."""

from django.db import models

from apps.stories.models import URL_LENGTH, Story

TITLE_LENGTH = 200
DESCRIPTION_LENGTH = 300
SITE_NAME_LENGTH = 80


class Preview(models.Model):
    """What the page of a story's link said of itself when it was asked last; `error` is why it said nothing then.

    All of it is plain text by strangers. Width and height are the thumbnail's, in pixels.
    """

    story = models.OneToOneField(Story, primary_key=True, on_delete=models.CASCADE, related_name="preview")
    title = models.CharField(max_length=TITLE_LENGTH, blank=True)
    description = models.CharField(max_length=DESCRIPTION_LENGTH, blank=True)
    site_name = models.CharField(max_length=SITE_NAME_LENGTH, blank=True)
    canonical_url = models.CharField(max_length=URL_LENGTH, blank=True)
    thumbnail = models.FileField(blank=True)
    width = models.PositiveSmallIntegerField(default=0)
    height = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=40, blank=True)
    fetched_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Preview of {self.story_id}"
