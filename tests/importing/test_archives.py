"""Real archives: nothing is rejected, and what the sources counted is what we count."""

import io
import json
import os
from pathlib import Path

import pytest
import zstandard

from apps.comments.models import Comment
from apps.importing.models import ImportedItem
from apps.stories.models import Story
from tests.importing.conftest import Import

DATA = Path(os.environ.get("GROUNDSWELL_DATA", "../shared/data"))

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"the real archives are not at {DATA} (GROUNDSWELL_DATA)"),
]


def declared_counts(lines: list[bytes]) -> dict[str, int]:
    stories = [item for item in map(json.loads, lines) if item["type"] == "story"]
    return {str(item["id"]): item["descendants"] for item in stories}


def counted() -> dict[str, int]:
    return dict(ImportedItem.objects.exclude(story=None).values_list("source_id", "story__num_comments"))


def lines_of(path: Path) -> list[bytes]:
    stream = zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(path.open("rb"), closefd=True)
    with io.BufferedReader(stream) as file:
        return file.readlines()


def test_stack_exchange_is_taken_in_whole(import_files: Import) -> None:
    path = DATA / "threads" / "stackexchange.jsonl.zst"

    summary = import_files(str(path))

    assert (summary.read, summary.stories, summary.comments, summary.rejected) == (7_987, 867, 7_120, 0)
    assert counted() == declared_counts(lines_of(path))


def test_a_slice_of_a_real_history_is_taken_in(tmp_path: Path, import_files: Import) -> None:
    lines = lines_of(DATA / "threads" / "stackernews_structure.jsonl.zst")[:5_000]
    path = tmp_path / "slice.jsonl"
    path.write_bytes(b"".join(lines))

    summary = import_files(str(path))

    assert (summary.read, summary.rejected) == (5_000, 0)
    assert sum(counted().values()) == Comment.objects.count() == summary.comments
    assert Story.objects.count() == len(declared_counts(lines))
