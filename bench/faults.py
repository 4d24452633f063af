"""What people notice when a server of the fleet dies, freezes or lags: one reader, one writer, one fault at a time.

Run: `make bench-faults`. A visitor opens front page and thread in turn, a member comments and looks at it, both
without a pause. Lost is a comment that was acknowledged and is not there in the end; unseen, one that its author did
not see on the next page without being told that the site is read-only.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle, pairwise

from deploy.local import fleet, scratch
from deploy.local.fleet import Fleet
from tests.cluster.browsing import Browser
from tests.cluster.conftest import mend

SECONDS = 8
HEADING = "{:<24}  pages  failed   slowest  writes  refused  longest pause  unseen  lost"
READ_ONLY = "The site is read-only"
STORY = """
    SELECT '/s/' || id || '/' || slug FROM stories_story
    WHERE slug <> '' AND locked_at IS NULL AND held_at IS NULL AND deleted_at IS NULL AND removed_at IS NULL
    ORDER BY created_at DESC LIMIT 1
"""

# A fault's name, itself, its cure.
Turn = tuple[str, Callable[[], None], Callable[[], None]]


@dataclass
class Notes:
    """What both saw during one fault: seconds of each page, acknowledged texts and when."""

    pages: list[float] = field(default_factory=list)
    failures: int = 0
    refused: int = 0
    written: dict[str, float] = field(default_factory=dict)
    unseen: int = 0


def main() -> None:
    """Measure and print."""
    with fleet.running() as here:
        measure(here, faults(here))


def measure(here: Fleet, turns: Iterable[Turn]) -> None:
    """Print a row for each."""
    environment = {**os.environ, **here.environment}
    command = [sys.executable, "-m", "tests.cluster.people", "writer"]
    said = subprocess.run(command, cwd=scratch.ROOT, env=environment, check=True, capture_output=True, text=True)  # noqa: S603 (our own)
    [(session, _)] = json.loads(said.stdout).values()
    [(story,)] = here.primary.query(STORY)
    here.wait_for_replay()
    _say(HEADING.format(""))
    for name, fault, cure in turns:
        notes = observe(here, Browser(here.address), Browser(here.address, session), story, (fault, cure))
        mend(here)
        _say(line(here, name, notes))


def faults(here: Fleet) -> list[Turn]:
    """Each with its cure after half of the time."""
    one, other = here.replicas

    def on(act: Callable[..., None], *members: object) -> Callable[[], None]:
        def act_on_all() -> None:
            for member in members:
                act(member)

        return act_on_all

    return [
        ("nothing", on(here.thaw), on(here.thaw)),
        ("one replica lags", on(here.pause_replay, one), on(here.resume_replay, one)),
        ("both replicas lag", on(here.pause_replay, one, other), on(here.resume_replay, one, other)),
        ("one replica killed", on(here.kill, one), on(here.restart, one)),
        ("one replica frozen", on(here.freeze, one), on(here.thaw, one)),
        ("both replicas killed", on(here.kill, one, other), on(here.restart, one, other)),
        ("primary killed", on(here.kill, here.primary), on(here.restart, here.primary)),
        ("primary frozen", on(here.freeze, here.primary), on(here.thaw, here.primary)),
        ("Redis killed", on(here.kill, here.redis), on(here.restart, here.redis)),
        ("one gunicorn killed", on(here.kill, here.gunicorns[0]), on(here.restart, here.gunicorns[0])),
    ]


def observe(
    here: Fleet, reader: Browser, writer: Browser, story: str, turn: tuple[Callable[[], None], Callable[[], None]]
) -> Notes:
    """Let both go on for SECONDS; after a quarter the fault, after three quarters the cure."""
    notes, is_over = Notes(), threading.Event()
    with ThreadPoolExecutor(2) as threads:
        running = [
            threads.submit(read, reader, story, notes, is_over),
            threads.submit(write, writer, story, notes, is_over),
        ]
        time.sleep(SECONDS / 4)
        for act, seconds in zip(turn, (SECONDS / 2, SECONDS / 4), strict=True):
            act()
            time.sleep(seconds)
        is_over.set()
        for one in running:
            one.result()
    return notes


def read(reader: Browser, story: str, notes: Notes, is_over: threading.Event) -> None:
    """Front page and thread in turn."""
    for path in cycle(["/", story]):
        if is_over.is_set():
            return
        began = time.monotonic()
        notes.failures += reader.get(path).status != 200
        notes.pages.append(time.monotonic() - began)


def write(writer: Browser, story: str, notes: Notes, is_over: threading.Event) -> None:
    """Comment, look at it."""
    while not is_over.is_set():
        text = f"Written at {time.monotonic_ns()}."
        answer = writer.post(f"{story.rpartition('/')[0]}/comments/", text=text)
        if answer.status != 302:
            notes.refused += 1
            continue
        notes.written[text] = time.monotonic()
        page = writer.get(f"/comments/{answer.target}")
        notes.unseen += text not in page.text and READ_ONLY not in page.text


def line(here: Fleet, name: str, notes: Notes) -> str:
    """One row of the table."""
    there = {text for (text,) in here.primary.query("SELECT markdown FROM comments_commenttext")}
    pause = max(later - earlier for earlier, later in pairwise(notes.written.values()))
    return (
        f"{name:<24}{len(notes.pages):>7}{notes.failures:>8}{max(notes.pages):>9.2f}s{len(notes.written):>8}"
        f"{notes.refused:>9}{pause:>14.2f}s{notes.unseen:>8}{len(notes.written.keys() - there):>6}"
    )


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
