"""One measured import of grown items into the database of DATABASE_URL, which import_items.py makes: run that.

Memory is what the process has allocated itself: pages of a database file that the system maps in are not counted.
"""

import itertools
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
django.setup()

# Models can be imported only after the set-up.
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from apps.importing.growing import Plan, grow  # noqa: E402
from apps.importing.items import Terms  # noqa: E402
from apps.importing.reading import Inputs  # noqa: E402
from apps.importing.rejects import Rejects  # noqa: E402
from apps.importing.runs import Summary, import_records  # noqa: E402

ITEMS_PER_STORY = 5
ITEMS_PER_PERSON = 40


@dataclass(frozen=True, slots=True)
class Mark:
    """Where the run was after a batch; `busy` are the seconds that a processor worked for this process."""

    items: int
    seconds: float
    busy: float
    megabytes: float


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1])
    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "items.jsonl"
        write_items(path, count)
        sys.stdout.write(f"{count:,} items, {path.stat().st_size / 1e6:.0f} MB\n")
        marks = measure(str(path))
    for start, end in itertools.pairwise([0, *(count * quarter // 4 for quarter in range(1, 5))]):
        sys.stdout.write(f"{end:>10,} items  {speed(marks, start, end):>8,.0f} items/s  {peak(marks, end):>6.0f} MB\n")
    sys.stdout.write(
        f"all in {marks[-1].seconds:.1f} s: {count / marks[-1].seconds:,.0f} items/s, "
        f"{marks[-1].busy / count * 1e6:.0f} µs of Python an item\n"
    )


def write_items(path: Path, count: int) -> None:
    """A community of `count` items as a file."""
    stories = count // ITEMS_PER_STORY
    plan = Plan(stories, count - stories, people=count // ITEMS_PER_PERSON)
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(item) + "\n" for item in grow(plan, timezone.now()))


def measure(path: str) -> list[Mark]:
    """Import the file; a mark at the start and after each batch."""
    marks = [Mark(0, 0.0, 0.0, allocated())]
    start, used = time.perf_counter(), time.process_time()

    def mark(summary: Summary) -> None:
        seconds, busy = time.perf_counter() - start, time.process_time() - used
        marks.append(Mark(summary.read, seconds, busy, allocated()))

    with Inputs([path]) as inputs, Rejects([path], strict=True) as rejects:
        import_records(inputs.records(), Terms(now=timezone.now(), source="bench"), rejects, mark)
    return marks


def allocated() -> float:
    """Megabytes of anonymous memory now."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("RssAnon:")[2].split()[0]) / 1024


def speed(marks: list[Mark], start: int, end: int) -> float:
    """Items a second between two counts of items."""
    inside = [mark for mark in marks if start <= mark.items <= end]
    return (inside[-1].items - inside[0].items) / (inside[-1].seconds - inside[0].seconds)


def peak(marks: list[Mark], end: int) -> float:
    """The most memory up to a count of items."""
    return max(mark.megabytes for mark in marks if mark.items <= end)


if __name__ == "__main__":
    main()
