"""The file by which a fleet that stays is found again: its password, its primary, each server's ports and process."""

import json
from pathlib import Path
from typing import Any

from deploy.local.members import Member
from deploy.local.processes import Process
from deploy.local.roster import Roster


def read(directory: Path) -> dict[str, Any]:
    """What was written of the fleet in `directory`; nothing when there was none."""
    file = _file(directory)
    known: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return known


def write(roster: Roster) -> None:
    """Keep what is known now. A reader meets the whole of it, or the whole of what was kept before."""
    members = {
        member.name: [member.port, member.process.pid, member.process.began, member.metrics_port]
        for member in roster.members
        if member.process
    }
    file = _file(roster.directory)
    unfinished = file.with_suffix(".unfinished")
    unfinished.touch(mode=0o600)
    known = {"password": roster.password, "primary": roster.primary_name, "members": members}
    unfinished.write_text(json.dumps(known, indent=1), encoding="utf-8")
    unfinished.replace(file)


def recognize(member: Member, known: list[int] | None) -> None:
    """Give a server the ports and the process that were written of it."""
    if known:
        member.port, pid, began, *more = known
        member.metrics_port = more[0] if more else 0
        member.process = Process(pid, began)


def _file(directory: Path) -> Path:
    return directory / "fleet.json"
