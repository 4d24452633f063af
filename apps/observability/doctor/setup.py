"""How the site is set up: settings, packages, static files."""

import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core import checks
from django.http.request import validate_host

from apps.observability.doctor.findings import Finding, Level, error, fine, warning

LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}
PIN = re.compile(r"([\w.-]+)==([\w.+!-]+)")
COLLECT = "Run manage.py collectstatic --no-input, then restart the gunicorns."


def is_public() -> bool:
    """Whether people on other machines are meant to reach the site."""
    return _host() not in LOOPBACK


def settings_() -> Iterator[Finding]:
    """Django's own checks, on public sites those of `check --deploy` too; and that the site answers to its name."""
    found = checks.run_checks(include_deployment_checks=is_public())
    messages = [message for message in found if message.level >= checks.WARNING and not message.is_silenced()]
    for message in messages:
        level = Level.ERROR if message.level >= checks.ERROR else Level.WARNING
        text = f"{' '.join(message.msg.split())} ({message.id})"
        yield Finding("settings", level, text, " ".join((message.hint or "").split()))
    if not validate_host(_host(), settings.ALLOWED_HOSTS):
        yield error("settings", f"{_host()} is refused", f"Set ALLOWED_HOSTS={_host()}, as SITE_URL has it.")
    elif not messages:
        also = ", also those for public sites" if is_public() else ""
        yield fine("settings", f"Django's checks pass{also}")


def packages() -> Iterator[Finding]:
    """Whether what is installed is what the release was tested with."""
    pins = Path(settings.BASE_DIR) / "requirements.txt"
    python = f"Python {sys.version.split()[0]}, Django {metadata.version('django')}"
    if not pins.exists():
        yield fine("versions", python)
        return
    strays = [_stray(name, version) for name, version in PIN.findall(pins.read_text(encoding="utf-8"))]
    if strays := [stray for stray in strays if stray]:
        advice = "Run make run or pip install -r requirements.txt, then restart all processes."
        yield warning(
            "versions", f"{python}; other packages than the release was tested with: {', '.join(strays)}", advice
        )
    else:
        yield fine("versions", f"{python}, all packages as pinned")


def static_files() -> Iterator[Finding]:
    """Whether all style sheets, scripts and pictures are collected."""
    hashed = getattr(staticfiles_storage, "hashed_files", None)
    if hashed is None or settings.DEBUG:
        yield fine("static files", "served from their sources")
    elif not hashed:
        yield error("static files", f"none are collected in {settings.STATIC_ROOT}", COLLECT)
    elif missing := [path for finder in get_finders() for path, _ in finder.list([]) if path not in hashed]:
        yield error("static files", f"{len(missing)} are not collected, such as {missing[0]}", COLLECT)
    else:
        yield fine("static files", f"{len(hashed)} in {settings.STATIC_ROOT}")


def _host() -> str:
    netloc = urlsplit(settings.SITE_URL).netloc
    return netloc if netloc.endswith("]") else netloc.rsplit(":", 1)[0]


def _stray(name: str, pinned: str) -> str:
    try:
        installed = metadata.version(name)
    except metadata.PackageNotFoundError:
        return f"{name} is missing"
    return "" if installed == pinned else f"{name} {installed} instead of {pinned}"
