"""A release while people read and write: all gunicorns, workers and schedulers are restarted, and nobody notices."""

import sys
from pathlib import Path

import pytest

from deploy import roll
from deploy.local.fleet import Fleet
from tests.cluster.browsing import Browser, reading
from tests.cluster.conftest import Member
from tests.cluster.writing import acknowledged, kept, writing
from tests.replicas.servers import until

pytestmark = pytest.mark.cluster

WAITING = "SELECT count(*) FROM jobs_job WHERE state <> 'done' AND due_at < now()"


class Systemd:
    """The fleet as units of systemd: gunicorns by their ports, the others by their names."""

    def __init__(self, here: Fleet) -> None:
        self.units = {f"groundswell@{gunicorn.port}.service": gunicorn for gunicorn in here.gunicorns}
        self.others = {f"groundswell-{other.name}.service": other for other in (*here.workers, *here.schedulers)}
        self.here = here
        self.restarted: list[str] = []

    def __call__(self, command: str, *arguments: str) -> str:
        if command == "list-units":
            named = self.units if "groundswell@*.service" in arguments else self.others
            return "".join(f"{name} loaded active running\n" for name in named)
        for name in arguments:
            self.here.restart({**self.units, **self.others}[name])
            self.restarted.append(name)
        return ""


@pytest.fixture
def systemd(here: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Systemd:
    units = Systemd(here)
    monkeypatch.setattr(roll, "CURRENT", tmp_path / "current")
    monkeypatch.setattr(roll, "systemctl", units)
    (tmp_path / "current").symlink_to(tmp_path)
    return units


def test_no_request_fails_while_a_machine_goes_over_to_a_release(
    here: Fleet, systemd: Systemd, members: list[Member], visitor: Browser, stories: list[str], pages: list[str]
) -> None:
    readers = [visitor, *(member.devices[1] for member in members)]

    with reading(readers, pages) as statuses, writing(members, stories) as answers:
        roll.main()
        told = len(answers)
        until(lambda: len(answers) > told + 10)

    # Shown when something fails, and by -s.
    sys.stdout.write(f"{statuses.total()} pages, {len(answers)} comments, {len(systemd.restarted)} restarts\n")
    assert set(statuses) == {200}
    assert {page.status for page in answers.values()} == {302}
    assert acknowledged(answers) <= kept(here)
    assert systemd.restarted == [*systemd.units, *systemd.others]
    assert roll.CURRENT.resolve() == roll.RELEASE
    until(lambda: here.primary.query(WAITING) == [(0,)])


def test_release_that_does_not_get_ready_is_taken_back(
    systemd: Systemd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roll, "is_ready", lambda port: roll.CURRENT.resolve() != roll.RELEASE)
    monkeypatch.setattr(roll, "READY_SECONDS", 0.5)
    first = next(iter(systemd.units))

    with pytest.raises(SystemExit, match=f"{first} did not get ready"):
        roll.main()

    assert roll.CURRENT.resolve() == tmp_path
    assert systemd.restarted == [first, *systemd.units]
