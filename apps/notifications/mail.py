"""The mails of the site: what a person has not read of one story, and digests. Not here: how they look (templates)."""

from django.utils import timezone

from apps.core.text import shortened
from apps.notifications import letters, mailtimes, queries
from apps.notifications.letters import SUBJECT_LENGTH, Delivery, Letter
from apps.notifications.stopping import DIGEST


def send_collected(*, person: int, story: int, hour: int) -> Delivery:
    """Mail what the person has not read yet of what happened to the story until the end of that hour; story 0: to them.

    Nothing to who is gone or wants none. Raises what another attempt may mend. 4 queries.
    """
    reader = queries.reader(person)
    before = mailtimes.end_of(story, hour)
    lines = queries.to_mail(reader, story_id=story, before=before, now=timezone.now()) if reader else []
    if reader is None or not lines:
        return Delivery()
    more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
    letter = Letter(
        person=reader,
        key=f"mail.{person}.{story}.{hour}",
        about=tuple(dict.fromkeys(line.kind for line in lines)),
        subject=shortened(lines[0].sentence, SUBJECT_LENGTH - len(more)) + more,
        template="notifications",
        context={"lines": lines},
        thread=f"story.{story}" if story else "",
        told=tuple(line.id for line in lines),
    )
    return letters.send(letter)


def send_digest(*, person: int, period: str) -> Delivery:
    """Mail the best stories of the day or week, by the tags that the person watches; nothing when there are none.

    Raises what another attempt may mend. 8 queries.
    """
    reader = queries.reader(person)
    window = "week" if "W" in period else "day"
    stories = queries.digest(reader, window=window, now=timezone.now()) if reader else []
    if reader is None or not stories:
        return Delivery()
    letter = Letter(
        person=reader,
        key=f"digest.{person}.{period}",
        about=(DIGEST,),
        subject=f"The best of the {window}: {stories[0].title}",
        template="digest",
        context={"stories": stories, "window": window},
    )
    return letters.send(letter)
