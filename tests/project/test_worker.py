"""A gunicorn that ends while it is asked: what it takes it answers, what it will not answer it refuses."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from threading import Event

from deploy.local import processes, scratch
from tests.patience import PATIENCE

CLIENTS = 8
SITE = """
import time

def application(environ, start_response):
    environ["wsgi.input"].read()
    time.sleep(0.02)
    start_response("200 OK", [("Content-Length", "4")])
    return [b"done"]
"""


@contextmanager
def gunicorn(place: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """One worker of the site's kind, with pages that take a moment."""
    (place / "slow.py").write_text(SITE, encoding="utf-8")
    (place / "gunicorn.conf.py").write_text("control_socket_disable = True\n", encoding="utf-8")
    own = ["-k", "project.worker.Worker", "--threads", "2", "--keep-alive", "65", "-b", f"127.0.0.1:{port}"]
    paths = ["--pythonpath", f"{place},{scratch.ROOT}", "-c", str(place / "gunicorn.conf.py"), "--log-level", "error"]
    with subprocess.Popen([sys.executable, "-m", "gunicorn", *own, *paths, "slow:application"], cwd=place) as process:
        try:
            assert processes.answers(processes.found(process.pid), partial(processes.connect, port))
            yield process
        finally:
            with suppress(ProcessLookupError):
                process.kill()


def post(connection: HTTPConnection) -> str:
    connection.request("POST", "/", b"words")
    return connection.getresponse().read().decode()


def ask_until_refused(port: int, has_begun: Event) -> Counter[str]:
    """What happened to each POST; those that the server lets, go over a connection that stays."""
    happened: Counter[str] = Counter()
    with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        while not happened["refused"]:
            try:
                happened[post(connection)] += 1
                has_begun.set()
            except ConnectionRefusedError:
                happened["refused"] += 1
            except OSError as error:
                happened[repr(error)] += 1
                connection.close()
    return happened


def test_no_connection_is_taken_and_then_broken(tmp_path: Path) -> None:
    port, has_begun = processes.free_port(), Event()
    with gunicorn(tmp_path, port) as process, ThreadPoolExecutor(CLIENTS) as clients:
        asking = [clients.submit(ask_until_refused, port, has_begun) for _ in range(CLIENTS)]
        has_begun.wait(PATIENCE)
        process.send_signal(signal.SIGTERM)
        happened = sum((one.result() for one in asking), Counter[str]())
        process.wait(PATIENCE)

    assert set(happened) == {"done", "refused"}
    assert process.returncode == 0
