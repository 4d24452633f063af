"""Singing."""

from django.db import transaction

from apps.canary.models import Song
from apps.canary.tags import SONG
from apps.pagecache import purging


@transaction.atomic
def sing(*, number: int) -> None:
    """Raise the number to `number`; a lower one changes nothing. At most 2 writes."""
    song, _ = Song.objects.select_for_update().get_or_create(pk=1, defaults={"number": number})
    song.number = max(song.number, number)
    song.save(update_fields=["number"])
    purging.purge(SONG)
