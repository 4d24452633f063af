"""Counters that the processes of a machine share."""

import os
from pathlib import Path

import pytest

from project import counters

# No process has it.
GONE = 2**22 + 1


def test_gauges_of_processes_that_are_gone_are_dropped_and_all_else_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", {"VAR_DIR": str(tmp_path)})
    directory = tmp_path / "metrics"
    directory.mkdir()
    kept = [f"gauge_livemax_{os.getpid()}.db", f"counter_{GONE}.db"]
    for name in (*kept, f"gauge_livemostrecent_{GONE}.db"):
        (directory / name).touch()

    assert counters.share() == directory

    assert sorted(file.name for file in directory.iterdir()) == sorted(kept)
    assert os.environ["PROMETHEUS_MULTIPROC_DIR"] == str(directory)
