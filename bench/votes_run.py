"""One measurement on the fleet that bench/votes.py has started: run that."""

import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier, Event

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
django.setup()

# Models can be imported only after the set-up.
from django.db import connections, transaction  # noqa: E402
from django.db.models import F  # noqa: E402
from django.utils import timezone  # noqa: E402

from apps.accounts.models import User  # noqa: E402
from apps.comments import folding  # noqa: E402
from apps.comments.queries.pending import has_pending  # noqa: E402
from apps.communities.models import Community  # noqa: E402
from apps.stories.models import Story  # noqa: E402
from apps.votes import actions  # noqa: E402
from apps.votes.models import StoryVote  # noqa: E402

PROCESSES = 4
THREADS = 8
CLIENTS = PROCESSES * THREADS
# A naive vote takes so much longer that as many would be a waste of time.
NAIVE_SHARE = 8
AIM = 5

Vote = Callable[[User, Story], None]


def main() -> None:
    """Measure and print."""
    votes = int(sys.argv[1]) // CLIENTS * CLIENTS
    people = User.objects.bulk_create([User(username=f"voter{n}", email=f"voter{n}@example.org") for n in range(votes)])
    naive = measure("naive", vote_naively, people[: votes // NAIVE_SHARE])
    through_action = measure("action", vote, people)
    sys.stdout.write(f"{through_action / naive:.1f} times the naive rate (aim: {AIM})\n")


def vote(by: User, story: Story) -> None:
    """As people do it."""
    actions.cast_story_vote(by=by, story=story, now=timezone.now())


def vote_naively(by: User, story: Story) -> None:
    """The obvious way."""
    with transaction.atomic():
        StoryVote.objects.create(user=by, story=story, created_at=timezone.now())
        Story.objects.filter(pk=story.pk).update(ups=F("ups") + 1, score=F("score") + 1)


def measure(name: str, vote: Vote, people: list[User]) -> float:
    """Votes a second, each of `people` giving one; and that all of them were counted."""
    now, author = timezone.now(), User.objects.create(username=f"author-{name}", email=f"{name}@example.org")
    community = Community.objects.order_by("pk")[0]
    story = Story.objects.create(title=name, community=community, author=author, created_at=now, active_at=now)
    seconds = at_once(vote, story, people)
    while has_pending():
        fold()
    story.refresh_from_db()
    assert story.score == 1 + len(people), (story.score, len(people))  # noqa: S101 (it measures only what is right)
    rate = len(people) / seconds
    sys.stdout.write(f"{name:<8}{len(people):>8} votes in {seconds:>6.1f} s: {rate:>8,.0f} a second, score exact\n")
    sys.stdout.flush()
    return rate


def at_once(vote: Vote, story: Story, people: list[User]) -> float:
    """The seconds in which all of them vote, each client a share of them."""
    # A fork shares no connection.
    connections.close_all()
    context = get_context("fork")
    start, is_over = context.Barrier(PROCESSES + 1), context.Event()
    shares = [people[number::PROCESSES] for number in range(PROCESSES)]
    voters = [context.Process(target=run_clients, args=(vote, story, share, start)) for share in shares]
    folder = context.Process(target=keep_folding, args=(is_over,))
    for process in (*voters, folder):
        process.start()
    start.wait()
    began = time.perf_counter()
    for process in voters:
        process.join()
    seconds = time.perf_counter() - began
    is_over.set()
    folder.join()
    return seconds


def run_clients(vote: Vote, story: Story, people: list[User], start: Barrier) -> None:
    """One process of them."""

    def run(share: list[User]) -> None:
        connections["default"].ensure_connection()
        for person in share:
            vote(person, story)
        connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        start.wait()
        list(pool.map(run, [people[number::THREADS] for number in range(THREADS)]))


def keep_folding(is_over: Event) -> None:
    """The job of each second."""
    while not is_over.wait(1):
        fold()


@transaction.atomic
def fold() -> None:
    """One turn of it."""
    folding.fold_pending()


if __name__ == "__main__":
    main()
