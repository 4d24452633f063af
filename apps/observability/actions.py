"""Keeping samples, and forgetting them."""

from datetime import datetime

from django.db.models import F
from django.db.models.functions import Mod

from apps.core import counting
from apps.observability import figures
from apps.observability.models import COARSE, EVERY, KEPT, KEPT_ALL, Sample
from apps.replicas import readonly


def keep_sample(*, now: datetime) -> None:
    """Keep what this process's service has counted, unless another process of it did so in this turn.

    Idle while the site takes no writes. Cost: 1 query; for one of the processes an insert, too.
    """
    turn, source = int(now.timestamp()) // EVERY, figures.source()
    if readonly.notice() or Sample.objects.filter(turn=turn, source=source).exists():
        return
    totals, by_name = figures.take(counting.registry().collect())
    sample = Sample(turn=turn, source=source, totals=totals, figures=by_name)
    Sample.objects.bulk_create([sample], ignore_conflicts=True)


def forget_samples(*, now: datetime) -> None:
    """Of what is older than an hour keep every COARSEth turn, of what is older than a day nothing. 2 deletes."""
    turn = int(now.timestamp()) // EVERY
    Sample.objects.filter(turn__lt=turn - KEPT).delete()
    Sample.objects.filter(turn__lt=turn - KEPT_ALL).annotate(place=Mod(F("turn"), COARSE)).exclude(place=0).delete()
