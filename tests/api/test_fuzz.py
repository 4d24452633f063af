"""Schemathesis against the running site: no error of ours, no answer that the description does not know."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import User
from apps.api.actions import make_token
from apps.api.models import Scope
from tests.scene import Scene, build

CONFIG = Path(__file__).with_name("schemathesis.toml")
SECONDS = 45


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    return build(timezone.now())


def fuzz(server: LiveServer, person: User, directory: Path) -> str:
    """What schemathesis finds wrong while it acts for the person; empty when all is well."""
    _, secret = make_token(by=person, name="fuzz", scopes=Scope.values, lifetime=timedelta(days=1), now=timezone.now())
    command = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(CONFIG), "run"]
    command += [f"{server.url}/api/openapi.json", "--header", f"Authorization: Bearer {secret}", "--no-color"]
    command += ["--checks", "all", "--generation-database", "none", "--no-shrink", "--max-examples", "8"]
    command += ["--max-time", str(SECONDS)]
    found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=directory)
    return "" if found.returncode == 0 else found.stdout + found.stderr


@pytest.mark.parametrize("name", ["mia", "mo"])
def test_nothing_breaks_and_nothing_is_undescribed(
    live_server: LiveServer, scene: Scene, tmp_path: Path, name: str
) -> None:
    person = {"mia": scene.member, "mo": scene.moderator}[name]

    if found := fuzz(live_server, person, tmp_path):
        pytest.fail(found, pytrace=False)
