"""Ten thousand votes by five hundred people, while what counts them is killed twice: not one too many or too few."""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from deploy.local import scratch
from deploy.local.fleet import Fleet
from tests.cluster.browsing import Browser
from tests.replicas.servers import until

pytestmark = pytest.mark.cluster

PEOPLE = 500
ACTS = 20
CLIENTS = 16
# After so many votes whoever counts them is killed.
KILLED_AT = (PEOPLE * ACTS // 3, PEOPLE * ACTS * 2 // 3)
POINTS = """
    SELECT score, karma FROM {0} JOIN accounts_user AS author ON author.id = author_id WHERE {0}.id = %s
"""
PENDING = "SELECT (SELECT count(*) FROM stories_storydelta) + (SELECT count(*) FROM comments_commentdelta)"


def run(here: Fleet, *command: str) -> str:
    said = subprocess.run(
        [sys.executable, *command],
        cwd=scratch.ROOT,
        env={**os.environ, **here.environment},
        check=True,
        capture_output=True,
        text=True,
    )
    return said.stdout


def vote(here: Fleet, browser: Browser, targets: list[str], seed: int, done: Iterator[int]) -> set[str]:
    """Press ACTS buttons; the targets on which a vote is left in the end."""
    dice, voted = random.Random(seed), set[str]()
    for _ in range(ACTS):
        target = dice.choice(targets)
        answer = browser.post(f"{target}/vote", **({"undo": "1"} if target in voted else {}))
        assert answer.status == 302, answer
        voted ^= {target}
        if next(done) in KILLED_AT:
            [counting] = [worker for worker in here.workers if worker.queue == "fast"]
            here.kill(counting)
            here.restart(counting)
    return voted


def test_every_vote_is_counted_once_though_the_counting_is_killed(here: Fleet) -> None:
    made = json.loads(run(here, "-m", "tests.cluster.crowd", str(PEOPLE)))
    story, comments = made["story"], made["comments"]
    targets = [f"/s/{story}", *(f"/comments/{pk}" for pk in comments)]
    browsers = [Browser(here.address, session) for session in made["sessions"]]
    done = count(1)

    with ThreadPoolExecutor(CLIENTS) as clients:
        left = clients.map(lambda one: vote(here, one[1], targets, one[0], done), enumerate(browsers))
        votes = Counter(target for voted in left for target in voted)
    # On a busy machine a new worker takes a while to come up.
    until(lambda: here.primary.query(PENDING) == [(0,)])

    assert next(done) == PEOPLE * ACTS + 1
    points = here.primary.query(POINTS.format("stories_story"), [story])
    for pk in comments:
        points += here.primary.query(POINTS.format("comments_comment"), [pk])
    assert points == [(1 + votes[target], votes[target]) for target in targets]
    assert run(here, "manage.py", "recount") == "Every counter is right.\n"
