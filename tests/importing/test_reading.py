"""Files in all their forms."""

import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from apps.importing.items import Terms, parse_item
from apps.importing.reading import STDIN, Inputs, Record, Unreadable
from apps.importing.rejects import Rejects, rejects_path
from tests.factories import NOW
from tests.importing.conftest import Write, as_line
from tests.importing.items import story

LINES = as_line(story(1)) + b"\n\n" + as_line(story(2)) + b"\r\n" + as_line(story(3))
CSV = (
    "\ufeffid,time,url,title,by,descendants,score,tags\n"
    'LPOSy7,1341092988,http://undeadly.org/cgi?a=b,"OpenBSD, ""5.1""\nReleased",jcs,0,-4,openbsd release\n'
    "bkeYe9,1341180284,,About,jcs,14,23,\n"
)


def numbers(*paths: str) -> list[int]:
    with Inputs(paths) as inputs:
        return [record.number for record in inputs.records()]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("items.jsonl", LINES),
        ("items.jsonl.gz", gzip.compress(LINES)),
        ("items.jsonl.zst", zstandard.compress(LINES)),
        ("items.zst", zstandard.compress(LINES[:200]) + zstandard.compress(LINES[200:])),
    ],
)
def test_plain_and_compressed_files_have_the_same_numbered_lines(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    assert numbers(str(path)) == [1, 3, 4]


def test_a_zstd_window_of_128_megabytes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl.zst"
    wide = zstandard.ZstdCompressionParameters(window_log=27)
    with path.open("wb") as file, zstandard.ZstdCompressor(compression_params=wide).stream_writer(file) as writer:
        writer.write(LINES)

    assert numbers(str(path)) == [1, 3, 4]


def test_standard_input_is_read_and_its_rejects_go_to_var(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "piped"
    path.write_bytes(LINES)

    with path.open("rb") as file:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(file))
        found = numbers(STDIN)

    assert found == [1, 3, 4]
    assert rejects_path(STDIN).name == "stdin.rejects"


@pytest.mark.parametrize(("suffix", "pack"), [("", bytes), (".gz", gzip.compress), (".zst", zstandard.compress)])
def test_csv_rows_become_stories(tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / f"stories.csv{suffix}"
    path.write_bytes(pack(CSV.encode()))

    with Inputs([str(path)]) as inputs:
        first, second = (parse_item(record.raw, Terms(now=NOW)) for record in inputs.records())

    assert (first.id, first.title, first.author, first.tags) == (
        "LPOSy7",
        'OpenBSD, "5.1" Released',
        "jcs",
        ("openbsd", "release"),
    )
    assert (first.ups, first.flags, first.kind) == (0, 4, "story")
    assert (second.link, second.ups, second.tags) == (None, 23, ())


def test_csv_rows_that_do_not_fit_are_problems(tmp_path: Path) -> None:
    path = tmp_path / "stories.csv"
    path.write_bytes(b"id,time,title,by\n1,1341092988,a,b\n2,3\n4,1341092988,\xff,b\n5,1," + b"x" * 200_000 + b",b\n")

    with Inputs([str(path)]) as inputs:
        problems = [record.problem for record in inputs.records()]

    assert problems == ["", "2 columns instead of 4", "", "not CSV: field larger than field limit (131072)"]


def test_csv_without_a_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "stories.csv"
    path.write_text("1,2,3\n")

    with pytest.raises(Unreadable, match="does not begin with a header"):
        numbers(str(path))


def test_a_file_that_breaks_off_is_read_up_to_there(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl.gz"
    path.write_bytes(gzip.compress(LINES)[:-10])

    with pytest.raises(Unreadable, match=r"items\.jsonl\.gz is damaged"):
        numbers(str(path))


def test_a_missing_file_is_named_before_anything_is_read(write_items: Write) -> None:
    with pytest.raises(Unreadable, match=r"nowhere\.jsonl cannot be read: No such file"):
        numbers(write_items(story(1)), "nowhere.jsonl")


def test_a_line_too_long_is_skipped_without_being_kept(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_bytes(b"x" * 40_000_000 + b"\n" + LINES)

    with Inputs([str(path)]) as inputs:
        first, second, *_ = inputs.records()

    assert (first.number, first.problem, second.number) == (1, "the line is longer than 16 MB", 2)
    assert len(first.raw) < 2_000_000


def test_position_reaches_size(write_items: Write) -> None:
    path = write_items(story(1), story(2))

    with Inputs([path]) as inputs:
        before = inputs.position
        list(inputs.records())
        after = inputs.position

    assert (before, after) == (0, Path(path).stat().st_size)


def test_rejects_of_a_folder_that_cannot_be_written_go_to_var(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)

    assert rejects_path(str(tmp_path / "a.jsonl")).parent != tmp_path


def test_a_reject_shows_at_most_a_thousand_characters(tmp_path: Path) -> None:
    record = Record(str(tmp_path / "a"), 7, "é".encode() * 5_000)

    with Rejects([record.path]) as rejects:
        rejects.add(record, "why")

    assert (tmp_path / "a.rejects").read_text(encoding="utf-8") == (
        '{"line": 7, "reason": "why", "raw": "' + "é" * 1000 + '"}\n'
    )
