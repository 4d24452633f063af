"""Members who write all the time, what they are told, and what is kept of it."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from deploy.local.fleet import Fleet
from tests.cluster.browsing import Page
from tests.cluster.conftest import Member


def comments(story: str) -> str:
    return f"{story.rpartition('/')[0]}/comments/"


@contextmanager
def writing(members: list[Member], stories: list[str]) -> Iterator[dict[str, Page]]:
    """Members post all the time; the answer to each text."""
    answers: dict[str, Page] = {}
    is_over = threading.Event()

    def post(member: Member, story: str) -> None:
        while not is_over.is_set():
            text = f"{member.name} writes at {time.monotonic_ns()}."
            answers[text] = member.devices[0].post(comments(story), text=text)

    with ThreadPoolExecutor(len(members)) as threads:
        running = [threads.submit(post, *pair) for pair in zip(members, stories, strict=True)]
        try:
            yield answers
        finally:
            is_over.set()
        for one in running:
            one.result()


def acknowledged(answers: dict[str, Page]) -> set[str]:
    return {text for text, page in answers.items() if page.status == 302}


def kept(here: Fleet) -> set[str]:
    return {text for (text,) in here.primary.query("SELECT markdown FROM comments_commenttext")}
