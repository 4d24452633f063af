"""deploy/image/start, beside a Python that only says what it was asked to do."""

import os
import subprocess
from pathlib import Path

import pytest

from deploy.local import scratch

PYTHON = """#!/bin/sh
[ "$2" != showmigrations ] || { echo "$APPLIED"; exit "${STATUS:-0}"; }
echo "$* on $DATABASE_URL"
"""
ADDRESS = "postgres://site@primary/site"
PATIENCE = "options=-c%20lock_timeout%3D2s"
NOTHING = "[ ]  stories.0001_initial\n[ ]  votes.0001_initial"
SOMETHING = "[X]  stories.0001_initial\n[ ]  votes.0001_initial"


def started(place: Path, role: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What came of the image's command `role`."""
    python = place / "python"
    python.write_text(PYTHON, encoding="ascii")
    python.chmod(0o755)
    path = f"{place}:{os.environ['PATH']}"
    command = ["sh", str(scratch.ROOT / "deploy/image/start"), role]
    settings = {"PATH": path, "DATABASE_URL": ADDRESS} | environment
    return subprocess.run(command, env=settings, check=False, capture_output=True, text=True)


def test_migrate_leaves_to_contract_what_drops(tmp_path: Path) -> None:
    first = started(tmp_path, "migrate", APPLIED=SOMETHING)
    second = started(tmp_path, "contract", APPLIED=SOMETHING)

    assert first.stdout == f"manage.py migrate --no-input --pre-deploy on {ADDRESS}?{PATIENCE}\n"
    assert second.stdout == f"manage.py migrate --no-input on {ADDRESS}?{PATIENCE}\n"


def test_migrate_leaves_nothing_where_nothing_was(tmp_path: Path) -> None:
    done = started(tmp_path, "migrate", APPLIED=NOTHING)

    assert done.stdout == f"manage.py migrate --no-input on {ADDRESS}?{PATIENCE}\n"


@pytest.mark.parametrize("role", ["migrate", "contract"])
def test_nothing_is_migrated_when_nobody_can_say_what_was(tmp_path: Path, role: str) -> None:
    done = started(tmp_path, role, APPLIED="", STATUS="1")

    assert (done.returncode, done.stdout) == (1, "")


def test_address_comes_from_a_secret_and_keeps_what_it_says(tmp_path: Path) -> None:
    secret = tmp_path / "database_url"
    secret.write_text(f"{ADDRESS}?sslmode=require", encoding="ascii")

    done = started(tmp_path, "contract", APPLIED="", DATABASE_URL="", DATABASE_URL_FILE=str(secret))

    assert done.stdout == f"manage.py migrate --no-input on {ADDRESS}?sslmode=require&{PATIENCE}\n"
