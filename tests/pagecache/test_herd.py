"""Many people at once before a page that nobody has seen yet, on a real gunicorn of two workers."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from deploy.local import processes, programs, scratch
from tests.concurrency import at_once
from tests.patience import PATIENCE

HERD = 50


@pytest.fixture
def place() -> Iterator[Path]:
    with scratch.directory(user=programs.site_user() or programs.WEB_USER) as directory:
        yield directory


@pytest.fixture(params=["files", "redis"])
def address(place: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The page's. Without Redis the workers share files."""
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.pagecache.herd_settings",
        "DATABASE_URL": f"sqlite:///{place}/site.sqlite3",
        "REDIS_URL": request.getfixturevalue("redis").url if request.param == "redis" else "",
        "VAR_DIR": str(place),
        "WEB_WORKERS": "2",
        "WEB_THREADS": "4",
    }
    port = processes.free_port()
    gunicorn = processes.serve(programs.gunicorn(place, port, environment))
    yield f"http://127.0.0.1:{port}/page"
    processes.stop(gunicorn)


def test_a_herd_has_a_cold_page_rendered_once(address: str, place: Path) -> None:
    def visit() -> tuple[bytes, str]:
        with urlopen(address, timeout=PATIENCE) as answer:
            return answer.read(), answer.headers["Cache-Status"].rpartition("=")[2]

    answers = at_once([visit] * HERD)

    outcomes = Counter(outcome for _, outcome in answers)
    assert {page for page, _ in answers} == {b"<p>page</p>"}
    assert len((place / "renders").read_text(encoding="ascii").splitlines()) == outcomes["miss"] == 1
    assert outcomes["waited"] > 0
