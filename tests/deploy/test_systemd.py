"""deploy/systemd and deploy/roll.py: units that run what `current` points to, and are all restarted when it moves."""

import re
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

import pytest

from deploy import roll
from deploy.local import scratch

UNITS = sorted((scratch.ROOT / "deploy/systemd").glob("*.service"))


def lasting() -> list[str]:
    """One of each unit that stays up; the others begin anew by their timers."""
    return [unit.name.replace("@", "@8000") for unit in UNITS if "Restart=always" in unit.read_text(encoding="utf-8")]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_unit_runs_what_current_points_to(unit: Path) -> None:
    places = re.findall(r"/srv/groundswell\S*", unit.read_text(encoding="utf-8"))

    assert len(places) >= 2
    assert all(place.startswith("/srv/groundswell/current") for place in places)


def test_roll_restarts_every_unit_that_stays_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    up = [*lasting(), "groundswell@8001.service"]
    restarted: list[str] = []

    def systemctl(command: str, *arguments: str) -> str:
        if command == "restart":
            restarted.extend(arguments)
        return "".join(f"{unit} loaded active running\n" for unit in up if matches(unit, arguments))

    monkeypatch.setattr(roll, "CURRENT", tmp_path / "current")
    monkeypatch.setattr(roll, "systemctl", systemctl)
    monkeypatch.setattr(roll, "is_ready", lambda port: True)

    roll.main()

    assert sorted(restarted) == sorted(up)


def matches(unit: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch(unit, pattern) for pattern in patterns)
