"""What each service of a site has counted, kept for a day. Not here: what is counted (each app's metrics.py)."""

from django.db import models

# Seconds from one sample of a service to the next.
EVERY = 10
# Turns for which all samples are kept, and turns for which every COARSEth is: an hour, and a day.
KEPT_ALL = 3600 // EVERY
KEPT = 86_400 // EVERY
COARSE = 30


class Sample(models.Model):
    """What `source`, a service of a machine, had counted since its start, in the `turn`th span of EVERY since 1970.

    `totals` is small, for charts; `figures` has views, jobs and processes by name (figures.py).
    """

    source = models.CharField(max_length=150)
    turn = models.BigIntegerField()
    totals = models.JSONField()
    figures = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["turn", "source"], name="observability_one_sample_a_turn")]

    def __str__(self) -> str:
        return f"{self.source} {self.turn}"
