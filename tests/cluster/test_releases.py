"""The previous release and this one serve together, on the tables of this one: what a roll looks like in its middle.

`deploy/previous_release` names the commit. Its code runs as it was, with the packages of now.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path

import pytest

from deploy import roll
from deploy.local import postgres, processes, programs, scratch
from deploy.local.postgres import Server
from tests.cluster.browsing import Browser
from tests.replicas.servers import until

pytestmark = pytest.mark.cluster

PREVIOUS = (scratch.ROOT / "deploy" / "previous_release").read_text(encoding="ascii").strip()
STORY = "SELECT id, slug FROM stories_story WHERE slug <> '' AND locked_at IS NULL ORDER BY created_at DESC LIMIT 1"


@dataclass
class Releases:
    """The two trees, the database between them, and what both are told."""

    older: Path
    server: Server
    environment: dict[str, str]
    sessions: Mapping[str, list[str]]

    def run(self, tree: Path, *command: str) -> str:
        """One of its commands."""
        return run(tree, self.environment, *command)


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Releases]:
    """Made by the previous release; this one has done what it does before its code serves."""
    older, var = tmp_path_factory.mktemp("older"), tmp_path_factory.mktemp("var")
    with postgres.running(postgres.FOR_TESTS) as server:
        packed = subprocess.run(["git", "archive", PREVIOUS], cwd=scratch.ROOT, check=False, capture_output=True)
        if packed.returncode:
            pytest.skip("This clone does not reach back to the previous release: git fetch --unshallow")
        subprocess.run(["tar", "-x", "-C", older], input=packed.stdout, check=True)
        own = {
            "DATABASE_URL": postgres.create_database(server, "site"),
            "VAR_DIR": str(var),
            "STATIC_ROOT": str(var / "static"),
            "WEB_WORKERS": "1",
            "LINK_PREVIEWS": "0",
        }
        run(older, own, "-m", "deploy.local.site")
        sessions = json.loads(run(older, own, "-m", "tests.cluster.people", "ada", "bo"))
        run(scratch.ROOT, own, "manage.py", "migrate", "--pre-deploy", "--verbosity", "0")
        run(scratch.ROOT, own, "manage.py", "collectstatic", "--no-input", "--verbosity", "0")
        yield Releases(older, server, own, sessions)


def run(tree: Path, environment: Mapping[str, str], *command: str) -> str:
    settings = {**os.environ, **environment}
    return subprocess.run(
        [sys.executable, *command], cwd=tree, env=settings, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


@contextmanager
def serving(releases: Releases, tree: Path, place: Path) -> Iterator[int]:
    """The port of a gunicorn with that tree's code."""
    port = processes.free_port()
    program = programs.gunicorn(place, port, releases.environment)
    process = processes.serve(replace(program, directory=tree, user=""))
    try:
        until(lambda: roll.is_ready(port))
        yield port
    finally:
        processes.stop(process)


def browser(port: int, session: str = "") -> Browser:
    return Browser(f"http://127.0.0.1:{port}", session)


def test_both_read_what_either_has_written_and_this_one_goes_on_alone(releases: Releases, tmp_path: Path) -> None:
    [(pk, slug)] = releases.server.query(STORY, database="site")
    pages = ["/", "/newest", f"/s/{pk}/{slug}", "/comments/", "/t/", "/c/", "/u/ada/", "/search?q=postgresql"]
    (ada, _), (bo, _) = releases.sessions["ada"], releases.sessions["bo"]
    statuses = Counter[int]()

    def write(port: int, words: str) -> None:
        for session in (ada, bo):
            answer = browser(port, session).post(f"/s/{pk}/comments/", text=f"{words}, says {session[:4]}.")
            assert answer.status == 302, answer.text[-2000:]

    def shows(port: int, words: str) -> bool:
        return words in browser(port).get(f"/s/{pk}/{slug}?order=newest").text

    with serving(releases, scratch.ROOT, tmp_path) as newer:
        with serving(releases, releases.older, tmp_path) as older:
            for port, session in product((older, newer, older), ("", ada)):
                statuses.update(browser(port, session).get(page).status for page in pages)
            write(older, "By the older one")
            write(newer, "By the newer one")
            for port in (older, newer):
                until(partial(shows, port, "By the older one"))
                until(partial(shows, port, "By the newer one"))
        releases.run(scratch.ROOT, "manage.py", "migrate", "--verbosity", "0")
        statuses.update(browser(newer, ada).get(page).status for page in pages)
        write(newer, "Alone")
        until(lambda: shows(newer, "Alone"))

    assert set(statuses) == {200}
    assert releases.run(scratch.ROOT, "manage.py", "recount") == "Every counter is right.\n"
