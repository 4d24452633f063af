"""How long searches take on a large site: pages of results for words of its own texts, none asked for twice.

Run: `make bench-search`, or `python -m bench.search [COMMENTS]`, with a million comments unless told. Aim: 95 of 100
pages within 200 ms, from the request to the last byte, through Nginx. Where other work runs beside it, processor time
misleads less: that of gunicorns and databases together, as if they took turns.
"""

import itertools
import os
import random
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote_plus

from deploy.local import fleet, scratch
from deploy.local.fleet import Fleet
from tests.cluster.browsing import Browser

COMMENTS = 1_000_000
COMMENTS_PER_STORY = 10
SAMPLE = 20_000
SEARCHES = 100
WARM_UP = 10
AIM_SECONDS = 0.2
COMMON = 60
RARE = 2
WORD = re.compile(r"[a-z]{3,}")
PAIR = re.compile(r"\b([a-z]{3,}) (?=([a-z]{3,})\b)")
COUNT = re.compile(r"([\d,]+) results?")
STOP_WORDS = "SELECT word FROM unnest(%s::text[]) AS word WHERE ts_lexize('english_stem', word) = '{}'"
BODIES = "SELECT body FROM search_document TABLESAMPLE SYSTEM (10) WHERE kind = 'comment' ORDER BY random() LIMIT %s"

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Measured:
    """A search: seconds until the whole page was there, seconds of processors for it, how many results it names."""

    seconds: float
    busy: float
    results: int


def main() -> None:
    """Grow, index, measure and print."""
    comments = int(sys.argv[1]) if len(sys.argv) > 1 else COMMENTS
    with fleet.running() as here:
        seconds = prepare(here, comments)
        (size,) = here.primary.query("SELECT count(*) FROM search_document")[0]
        _say(f"{size:,} documents, indexed in {seconds:,.0f} s: {size / seconds:,.0f} a second")
        texts = [body.lower() for (body,) in here.primary.query(BODIES, [SAMPLE])]
        browser, numbers = Browser(here.address), itertools.count()
        _say(f"{'':<16}{'searches':>9}{'median':>11}{'95 %':>11}{'processor':>11}{'95 %':>11}{'results':>9}")
        everything: list[Measured] = []
        for name, make in kinds(here, texts).items():
            found = [measure(here, browser, make(), next(numbers)) for _ in range(WARM_UP + SEARCHES)][WARM_UP:]
            report(name, found)
            everything += found
        report("all", everything)
        _say(f"The aim: {AIM_SECONDS * 1000:.0f} ms for 95 %.")


def prepare(here: Fleet, comments: int) -> float:
    """A grown community, found by all servers; the seconds that indexing took."""
    _manage(here, "grow", "--stories", str(comments // COMMENTS_PER_STORY), "--comments", str(comments))
    start = time.perf_counter()
    _manage(here, "rebuild_search")
    seconds = time.perf_counter() - start
    here.primary.query("VACUUM ANALYZE")
    here.wait_for_replay()
    return seconds


def kinds(here: Fleet, texts: Sequence[str]) -> dict[str, Callable[[], str]]:
    """What makes a search of each kind."""
    counts = Counter(word for text in texts for word in set(WORD.findall(text)))
    stop_words = {word for (word,) in here.primary.query(STOP_WORDS, [list(counts)])}
    ranked = [word for word, _ in counts.most_common() if word not in stop_words]
    common, rare = ranked[:COMMON], [word for word in ranked if counts[word] <= RARE]
    middle = [word for word in ranked[COMMON:] if counts[word] > RARE]
    told = [[word for word in WORD.findall(text) if word not in stop_words] for text in texts]
    pairs = [pair for text in texts for pair in PAIR.findall(text) if stop_words.isdisjoint(pair)]
    return {
        "as written": lambda: _any(_any(told)),
        "common": lambda: _any(common),
        "middle": lambda: _any(middle),
        "rare": lambda: _any(rare),
        "two of one text": lambda: " ".join(random.choices(_any(told), k=2)),  # noqa: S311 (no secret)
        "two in a row": lambda: '"{} {}"'.format(*_any(pairs)),
        "one of two": lambda: " OR ".join((_any(common), _any(_any(told)))),
        "among stories": lambda: f"{_any(_any(told))} is:story score>2",
    }


def measure(here: Fleet, browser: Browser, words: str, number: int) -> Measured:
    """One search."""
    # Blanks make a search that is asked for again another page.
    path = f"/search?q={quote_plus(words + ' ' * number)}"
    before, start = busy(here), time.perf_counter()
    page = browser.get(path)
    seconds = time.perf_counter() - start
    used = busy(here) - before
    assert page.status == 200, (words, page.status)  # noqa: S101 (it measures only what works)
    count = COUNT.search(page.text)
    return Measured(seconds, used, int(count[1].replace(",", "")) if count else 0)


def busy(here: Fleet) -> float:
    """Seconds that processors have worked for the gunicorns and databases, as the kernel counts them."""
    parents = {pid: _parent(pid) for pid in os.listdir("/proc") if pid.isdigit()}
    family = {str(member.pid) for member in (*here.gunicorns, *here.databases)}
    family |= {pid for pid, parent in parents.items() if parent in family}
    return sum(_worked(pid) for pid in family) / 1e9


def report(name: str, found: Sequence[Measured]) -> None:
    """Print a row."""
    figures = []
    for numbers in (sorted(one.seconds for one in found), sorted(one.busy for one in found)):
        figures += [statistics.median(numbers), numbers[int(0.95 * len(numbers))]]
    results = statistics.median(one.results for one in found)
    _say(f"{name:<16}{len(found):>9}" + "".join(f"{one * 1000:>8.0f} ms" for one in figures) + f"{results:>9.0f}")


def _parent(pid: str) -> str:
    """ "" for a process that has just ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1]
    return ""


def _worked(pid: str) -> int:
    """Nanoseconds of all threads."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    with suppress(OSError):
        return sum(int(thread.read_text(encoding="ascii").split()[0]) for thread in threads)
    return 0


def _any(items: Sequence[Item]) -> Item:
    return random.choice(items)  # noqa: S311 (no secret)


def _manage(here: Fleet, *command: str) -> None:
    environment = {**os.environ, **here.environment, "PROCESS": "command"}
    subprocess.run([sys.executable, "manage.py", *command], cwd=scratch.ROOT, env=environment, check=True)  # noqa: S603 (our own)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
