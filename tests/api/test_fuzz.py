"""Schemathesis against the running site: no error of ours, no answer that the description does not know."""

import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import User
from apps.api import manual
from apps.api.actions import make_token
from apps.api.models import Scope
from apps.moderation.models import LogEntry
from tests.api.test_permissions import ALL
from tests.factories import PersonFactory, TagFactory
from tests.scene import Scene, build

# Minutes, so once: where a number too large or a sign too strange is an error of the database's.
pytestmark = [
    pytest.mark.skipif(connection.vendor == "sqlite", reason="is run on PostgreSQL"),
    pytest.mark.long,
]
CONFIG = Path(__file__).with_name("schemathesis.toml")
PHASES = "examples,fuzzing,stateful"
# From one answer to what it names: the fewest that a run must have followed. It mostly follows 15 to 30.
LINKS = 8


@pytest.fixture
def scene(django_db_reset_sequences: None) -> Scene:
    """With the numbers that schemathesis.toml knows, and what else the description's examples speak of."""
    PersonFactory.create(username="bo")
    TagFactory.create(name="databases")
    return build(timezone.now())


def fuzz(server: LiveServer, person: User, phases: str, directory: Path) -> subprocess.CompletedProcess[str]:
    """Let schemathesis act for the person."""
    # It waits for the description for ten seconds, in which a busy machine has not made it.
    manual.description()
    _, secret = make_token(by=person, name="fuzz", scopes=Scope.values, lifetime=timedelta(days=1), now=timezone.now())
    command = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(CONFIG), "run"]
    command += [f"{server.url}/api/openapi.json", "--header", f"Authorization: Bearer {secret}", "--no-color"]
    command += ["--checks", "all", "--phases", phases]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=directory)


def said(output: str, pattern: str) -> int:
    """The number that the output says at the pattern; 0 if it says nothing there."""
    found = re.search(pattern, output)
    return int(found[1]) if found else 0


# Every limit of every field takes most of the time: a moderator, who may do most, is enough for that.
@pytest.mark.parametrize(("name", "phases"), [("mia", PHASES), ("mo", f"coverage,{PHASES}")])
def test_nothing_breaks_and_nothing_is_undescribed(
    live_server: LiveServer, scene: Scene, tmp_path: Path, name: str, phases: str
) -> None:
    person = {"mia": scene.member, "mo": scene.moderator}[name]

    run = fuzz(live_server, person, phases, tmp_path)

    if run.returncode:
        pytest.fail(run.stdout + run.stderr, pytrace=False)
    # A run that was cut short finds nothing wrong either.
    assert said(run.stdout, r"Tested: (\d+)") == len(ALL), run.stdout
    assert said(run.stdout, r"API Links: +(\d+) covered") >= LINKS, run.stdout
    assert LogEntry.objects.filter(person__username="bo").exists() == (name == "mo")
