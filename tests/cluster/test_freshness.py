"""Members who post, vote, edit and delete see it on their next page, on every device, while replicas lag at random."""

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from deploy.local import statements
from deploy.local.fleet import Fleet
from deploy.local.members import Database
from tests.cluster.browsing import Page
from tests.cluster.conftest import Member
from tests.replicas.servers import until

pytestmark = pytest.mark.cluster
SECONDS = 25
RECENT = 5


class Writer:
    """Does one thing after the other in a thread of the site, and looks at it at once."""

    def __init__(self, member: Member, story: str, rng: random.Random) -> None:
        self.member = member
        self.page = story
        self.place = story.rpartition("/")[0]
        self.random = rng
        self.mine: list[int] = []
        self.is_voter = False
        self.num_seen = 0

    def run(self, is_over: threading.Event) -> None:
        """Act and look, never in vain."""
        self.post()
        while not is_over.is_set():
            self.random.choice([self.post, self.vote, self.edit, self.delete])()

    def post(self) -> None:
        text = self.words()
        self.mine.append(self.send(f"{self.place}/comments/", text=text).target)
        assert text in self.look().comment(self.mine[-1])

    def vote(self) -> None:
        self.is_voter = not self.is_voter
        self.send(f"{self.place}/vote", **({} if self.is_voter else {"undo": "1"}))
        assert self.look().is_pressed(self.place.replace("/", "")) == self.is_voter

    def edit(self) -> None:
        pk, text = self.recent(), self.words()
        self.send(f"/comments/{pk}/edit", text=text)
        assert text in self.look().comment(pk)

    def delete(self) -> None:
        """With a reply below it, so that its place stays."""
        pk, text = self.recent(), self.words()
        self.mine.remove(pk)
        reply = self.send(f"/comments/{pk}/reply", text=text).target
        self.send(f"/comments/{pk}/deletion")
        page = self.look()
        assert "[deleted by its author]" in page.comment(pk)
        assert text in page.comment(reply)

    def recent(self) -> int:
        """A comment that is still on the thread's first page."""
        if not self.mine:
            self.post()
        return self.random.choice(self.mine[-RECENT:])

    def words(self) -> str:
        return f"{self.member.name} says {self.random.getrandbits(64):x}."

    def send(self, path: str, **fields: str) -> Page:
        answer = self.random.choice(self.member.devices).post(path, **fields)
        assert answer.status == 302, (path, answer.status, answer.text[-3000:])
        return answer

    def look(self) -> Page:
        """The thread, on any device."""
        self.num_seen += 1
        return self.random.choice(self.member.devices).get(f"{self.page}?order=newest")


@contextmanager
def lagging(here: Fleet, replica: Database, rng: random.Random) -> Iterator[None]:
    """Let it stand still and go on at random moments, from some hundred milliseconds to seconds."""
    is_over = threading.Event()

    def pause_and_resume() -> None:
        while not is_over.wait(rng.uniform(0.1, 1.5)):
            here.pause_replay(replica)
            is_over.wait(rng.uniform(0.2, 3))
            here.resume_replay(replica)

    with ThreadPoolExecutor(1) as aside:
        running = aside.submit(pause_and_resume)
        try:
            yield
        finally:
            is_over.set()
        running.result()


def test_members_always_see_what_they_have_done(here: Fleet, members: list[Member], stories: list[str]) -> None:
    writers = [
        Writer(member, story, random.Random(member.name)) for member, story in zip(members, stories, strict=True)
    ]
    is_over = threading.Event()
    before = [statements.count(replica) for replica in here.replicas]

    def is_enough() -> bool:
        """Not by asking the primary alone: the replicas have had their part."""
        served = [statements.count(replica) - then for replica, then in zip(here.replicas, before, strict=True)]
        return all(writer.num_seen > 20 for writer in writers) and all(queries > 100 for queries in served)

    lags = [lagging(here, replica, random.Random(replica.name)) for replica in here.replicas]
    with lags[0], lags[1], ThreadPoolExecutor(len(writers)) as threads:
        running = [threads.submit(writer.run, is_over) for writer in writers]
        try:
            is_over.wait(SECONDS)
            # Longer on a busy machine.
            until(lambda: is_enough() or any(one.done() for one in running))
        finally:
            is_over.set()
        for one in running:
            one.result()

    assert is_enough()
