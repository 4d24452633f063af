"""Makes a story with comments, and a crowd that is signed in: `python -m tests.cluster.crowd 500` prints JSON.

A program of its own, as people.py is. The members of the crowd have no passwords, which would take a minute to make.
"""

import json
import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
django.setup()

# Models can be imported only after the set-up.
from django.utils import timezone  # noqa: E402

from apps.accounts.models import User  # noqa: E402
from apps.comments.actions import post_comment  # noqa: E402
from apps.communities.models import Community, Tag  # noqa: E402
from apps.stories.actions import Draft, submit_story  # noqa: E402
from tests.cluster.people import sign_in  # noqa: E402

NUM_COMMENTS = 4


def submit() -> dict[str, object]:
    """The addresses of a story and of comments on it, each by an author of its own."""
    now, names = timezone.now(), ["teller", *(f"talker{number}" for number in range(NUM_COMMENTS))]
    teller, *talkers = [User.objects.create(username=name, email=f"{name}@example.org") for name in names]
    draft = Draft("The talk of the day", text="What do you think?", tags=(Tag.objects.filter(is_active=True)[0].name,))
    story = submit_story(by=teller, community=Community.objects.order_by("pk")[0], draft=draft, now=now)
    comments = [post_comment(by=talker, story=story, text="This.", now=now) for talker in talkers]
    return {"story": story.pk, "comments": [comment.pk for comment in comments]}


def gather(size: int) -> list[str]:
    """The sessions of so many new members."""
    people = [User(username=f"voter{number}", email=f"voter{number}@example.org") for number in range(size)]
    return [sign_in(person) for person in User.objects.bulk_create(people)]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(submit() | {"sessions": gather(int(sys.argv[1]))}))
