"""What a hit of the page cache costs, beside what the servers can do at all. Rates are compared within one run.

Run: `make bench-cache`, or `python -m bench.cache [PATH]`. Aims: a visitor's hit through Nginx at least 0.7 of a file
of the same bytes; in gunicorn at least 0.5 of a constant of the same bytes; a member's (own votes in place) at least
0.25 of it; and a visitor's at least 3 times Django's own `cache_page`. Through Nginx all ask for gzip, as browsers do.
"""

import gzip
import json
import os
import re
import statistics
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from deploy.local import fleet, processes, programs, scratch
from deploy.local.fleet import Fleet
from tests.cluster.browsing import Browser

ROUNDS = 5
SECONDS = 3
CONNECTIONS = 8
VOTES = 5
# gunicorn.conf.py reads the settings, which the site's own entry point names.
DJANGO = {"DJANGO_SETTINGS_MODULE": "project.settings"}
GZIP = ("-H", "Accept-Encoding: gzip")
# Another cookie each time, so that a page is never the same again.
NEW_COOKIE = """
request = function()
    wrk.headers["Cookie"] = "%s; n=" .. math.random(1000000000)
    return wrk.format()
end
"""
# Headers that gunicorn adds by itself.
GUNICORNS = {"Server", "Date", "Connection"}
RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
# What is compared with what, and at least how much of it it should be.
RATIOS = (
    ("visitor, through Nginx", "a file, by Nginx", 0.7),
    ("visitor, in gunicorn", "a constant, by gunicorn", 0.5),
    ("member, in gunicorn", "a constant, by gunicorn", 0.25),
    ("visitor, in gunicorn", "visitor, cache_page", 3.0),
)


def main() -> None:
    """Measure and print."""
    path = sys.argv[1] if len(sys.argv) > 1 else "/"
    with fleet.running() as here:
        cookie = member(here)
        headers, page = fetch(here.gunicorns[0].port, path)
        (here.static_root / "bench.html").write_bytes(page)
        (here.static_root / "bench.html.gz").write_bytes(gzip.compress(page))
        script = str(here.directory / "new_cookie.lua")
        Path(script).write_text(NEW_COOKIE % cookie, encoding="ascii")
        with constant(here, headers, page) as constant_port, django_cache(here) as django_port:
            own = here.gunicorns[0].port
            places: dict[str, Callable[[], float]] = {
                "a file, by Nginx": partial(rate, here.nginx.port, "/static/bench.html", "", *GZIP),
                "visitor, through Nginx": partial(rate, here.nginx.port, path, "", *GZIP),
                "a constant, by gunicorn": partial(rate, constant_port, "/"),
                "visitor, in gunicorn": partial(rate, own, path),
                "member, in gunicorn": partial(rate, own, path, cookie),
                "member, slots filled anew": partial(rate, own, path, cookie, "-s", script),
                "visitor, cache_page": partial(rate, django_port, path),
            }
            rates: dict[str, list[float]] = {name: [] for name in places}
            for _ in range(ROUNDS):
                for name, measure in places.items():
                    rates[name].append(measure())
    report(len(page), {name: statistics.median(found) for name, found in rates.items()})


def report(size: int, rates: dict[str, float]) -> None:
    """Print both tables."""
    _say(f"A page of {size:,} bytes; the median of {ROUNDS} rounds of {SECONDS} s, {CONNECTIONS} connections.")
    for name, found in rates.items():
        _say(f"{name:<28}{found:>10,.0f} requests/s")
    for name, of, aim in RATIOS:
        _say(f"{name:<28}{rates[name] / rates[of]:>10.2f} of {of} (aim {aim})")


def rate(port: int, path: str, cookie: str = "", *options: str) -> float:
    """Requests a second that one address answers with 200."""
    headers = ["-H", f"Cookie: {cookie}"] if cookie else []
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", *headers, *options]
    said = subprocess.run([*command, f"http://127.0.0.1:{port}{path}"], check=True, capture_output=True, text=True)  # noqa: S603 (our own)
    found = RATE.search(said.stdout)
    if found is None or "Non-2xx" in said.stdout or "Socket errors" in said.stdout:
        raise SystemExit(said.stdout)
    return float(found[1])


def fetch(port: int, path: str) -> tuple[dict[str, str], bytes]:
    """The page as a visitor gets it, uncompressed, after the site's own headers."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return {name: value for name, value in answer.headers.items() if name not in GUNICORNS}, bytes(answer.read())


def member(here: Fleet) -> str:
    """The cookie of somebody with votes on the front page."""
    command = [sys.executable, "-m", "tests.cluster.people", "reader"]
    environment = {**os.environ, **here.environment}
    said = subprocess.run(command, cwd=scratch.ROOT, env=environment, check=True, capture_output=True, text=True)  # noqa: S603 (our own)
    (session,) = {sessions[0] for sessions in json.loads(said.stdout).values()}
    browser = Browser(here.address, session)
    stories = re.findall(r'id="s(\d+)"', browser.get("/").text)
    for story in stories[:VOTES]:
        browser.post(f"/s/{story}/vote")
    return f"sessionid={session}; csrftoken={browser.cookies['csrftoken']}"


@contextmanager
def constant(here: Fleet, headers: dict[str, str], page: bytes) -> Iterator[int]:
    """A gunicorn like the site's that says the same to everybody, headers and all; its port."""
    file = here.directory / "page"
    file.write_bytes(page)
    with _gunicorn(here, "bench.constant", DJANGO | {"PAGE": str(file), "HEADERS": json.dumps(headers)}) as port:
        yield port


@contextmanager
def django_cache(here: Fleet) -> Iterator[int]:
    """A gunicorn with the site behind Django's `cache_page`; its port."""
    with _gunicorn(here, "project.wsgi", {"DJANGO_SETTINGS_MODULE": "bench.cache_page"}) as port:
        yield port


@contextmanager
def _gunicorn(here: Fleet, application: str, environment: dict[str, str]) -> Iterator[int]:
    directory, port = here.directory / application, processes.free_port()
    directory.mkdir()
    usual = programs.gunicorn(directory, port, {**here.environment, **environment})
    program = replace(usual, command=[*usual.command, f"{application}:application"])
    process = processes.serve(program)
    try:
        yield port
    finally:
        processes.stop(process)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
