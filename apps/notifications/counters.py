"""What a recount counts of notifications."""

from collections.abc import Sequence

from django.db.models import Count, F

from apps.accounts.models import User
from apps.notifications.models import Notification
from apps.votes.counting import Counted, counter_of_people


@counter_of_people
def unread(people: Sequence[User]) -> Counted:
    """`num_unread`. 1 query."""
    later = Notification.objects.filter(recipient__in=people, id__gt=F("recipient__read_until"))
    counted = dict(later.values_list("recipient").annotate(Count("pk")))
    return {person.pk: {"num_unread": counted.get(person.pk, 0)} for person in people}
