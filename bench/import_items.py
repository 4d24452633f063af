"""How fast and how flat `import_items` is: grown items from a file into a fresh SQLite database.

Run: `python -m bench.import_items [ITEMS]`. Aims: 5,000 items a second, in the last quarter as in the first, and
memory that does not grow with the file. Memory is what the process has allocated itself: pages of the database
file that the system maps in are not counted.
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

FOLDER = tempfile.TemporaryDirectory()
os.environ |= {"VAR_DIR": FOLDER.name, "DATABASE_URL": f"sqlite:///{FOLDER.name}/bench.sqlite3"}
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

ITEMS = 200_000
ITEMS_PER_STORY = 5
ITEMS_PER_PERSON = 40


@dataclass(frozen=True, slots=True)
class Mark:
    """Where the run was after a batch."""

    items: int
    seconds: float
    megabytes: float


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ITEMS
    with FOLDER:
        call_command("migrate", verbosity=0)
        path = Path(FOLDER.name) / "items.jsonl"
        write_items(path, count)
        sys.stdout.write(f"{count:,} items, {path.stat().st_size / 1e6:.0f} MB\n")
        marks = measure(str(path))
    for start, end in itertools.pairwise([0, *(count * quarter // 4 for quarter in range(1, 5))]):
        sys.stdout.write(f"{end:>10,} items  {speed(marks, start, end):>8,.0f} items/s  {peak(marks, end):>6.0f} MB\n")
    sys.stdout.write(f"all in {marks[-1].seconds:.1f} s: {count / marks[-1].seconds:,.0f} items/s\n")


def write_items(path: Path, count: int) -> None:
    """A community of `count` items as a file."""
    stories = count // ITEMS_PER_STORY
    plan = Plan(stories, count - stories, people=count // ITEMS_PER_PERSON)
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(item) + "\n" for item in grow(plan, timezone.now()))


def measure(path: str) -> list[Mark]:
    """Import the file; a mark at the start and after each batch."""
    marks = [Mark(0, 0.0, allocated())]
    start = time.perf_counter()

    def mark(summary: Summary) -> None:
        marks.append(Mark(summary.read, time.perf_counter() - start, allocated()))

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
