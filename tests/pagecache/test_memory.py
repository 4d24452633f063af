"""Pages in this process, bounded by bytes; and the files of a site without Redis, bounded by number."""

import random
from functools import partial
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from apps.pagecache import memory
from apps.pagecache.files import FileCache
from tests.concurrency import at_once


@pytest.fixture(autouse=True)
def room(settings: Settings) -> None:
    settings.PAGECACHE_MEMORY = 1000


def test_what_was_shown_longest_ago_makes_room() -> None:
    for key in "abcd":
        memory.put(key, key, 250)
    memory.get("a")

    memory.put("e", "e", 250)

    assert [key for key in "abcde" if memory.get(key)] == ["a", "c", "d", "e"]
    assert memory.size() == 1000


def test_a_big_page_makes_room_for_itself() -> None:
    for key in "abcd":
        memory.put(key, key, 250)

    memory.put("big", "big", 700)

    assert memory.get("big") == "big"
    assert memory.get("d") == "d"
    assert memory.get("c") is None
    assert memory.size() == 950


def test_what_is_bigger_than_all_is_not_held() -> None:
    memory.put("big", "big", 1001)

    assert memory.get("big") is None
    assert memory.size() == 0


def test_a_new_copy_takes_the_place_of_the_old() -> None:
    memory.put("a", "old", 900)
    memory.put("a", "new", 400)

    assert memory.get("a") == "new"
    assert memory.size() == 400


def test_nothing_is_there_after_clearing() -> None:
    memory.put("a", "a", 10)

    memory.clear()

    assert memory.get("a") is None
    assert memory.size() == 0


def test_threads_leave_the_count_right() -> None:
    def work(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(300):
            key = chance.choice("abcdefgh")
            memory.get(key)
            memory.put(key, key, chance.randint(1, 400))

    at_once([partial(work, seed) for seed in range(8)])

    assert memory.size() == sum(size for _, size in memory._entries.values()) <= 1000


def test_files_are_counted_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = FileCache(str(tmp_path), {"OPTIONS": {"MAX_ENTRIES": 10}})
    monkeypatch.setattr(random, "randrange", lambda _: 1)
    for number in range(30):
        cache.set(str(number), number)
    assert len(list(tmp_path.iterdir())) == 30

    monkeypatch.setattr(random, "randrange", lambda _: 0)
    cache.set("more", 1)

    assert cache.get("more") == 1
    assert len(list(tmp_path.iterdir())) <= 21


def test_files_hold_what_other_processes_see(tmp_path: Path) -> None:
    FileCache(str(tmp_path), {}).set("a", {"b": b"\x00"}, 60)

    assert FileCache(str(tmp_path), {}).get("a") == {"b": b"\x00"}
