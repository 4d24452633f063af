"""The row of the canary's number."""

from django.db import models


class Song(models.Model):
    """The only row has the key 1; its number only rises."""

    number = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.number)
