"""Where imported rows came from, so that a second run changes nothing; previews. Not here: the rows themselves."""

from django.conf import settings
from django.db import models

from apps.comments.models import Comment
from apps.stories.models import Story

SOURCE_LENGTH = 60
SOURCE_ID_LENGTH = 40
SOURCE_NAME_LENGTH = 100
FILE_NAME_LENGTH = 200


class ImportedItem(models.Model):
    """The story or comment that item `source_id` of `source` became."""

    source = models.CharField(max_length=SOURCE_LENGTH)
    source_id = models.CharField(max_length=SOURCE_ID_LENGTH)
    story = models.OneToOneField(Story, null=True, on_delete=models.CASCADE, related_name="+")
    comment = models.OneToOneField(Comment, null=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "source_id"], name="importing_item_once"),
            models.CheckConstraint(
                condition=models.Q(story=None) ^ models.Q(comment=None), name="importing_story_or_comment"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}/{self.source_id}"


class ImportedPerson(models.Model):
    """The person that `name` of `source` became; such a person cannot log in."""

    source = models.CharField(max_length=SOURCE_LENGTH)
    name = models.CharField(max_length=SOURCE_NAME_LENGTH)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name_plural = "imported people"
        constraints = [models.UniqueConstraint(fields=["source", "name"], name="importing_person_once")]

    def __str__(self) -> str:
        return f"{self.name} of {self.source}"


class ImportPreview(models.Model):
    """What an import of `file`, in the folder for imports, would bring; `report` is empty until a job has looked."""

    file = models.CharField(max_length=FILE_NAME_LENGTH)
    requested_at = models.DateTimeField()
    report = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.file
