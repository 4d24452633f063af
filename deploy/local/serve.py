"""What `make run` does once the packages are there: database, static files, sample, then the keeper in its place."""

import errno
import os
import socket
import sys

import django
from django.conf import settings

from deploy.local import site
from project import env


def main() -> None:
    """Prepare the site, say where it is and who may log in, and become the keeper of gunicorn and the job runner."""
    env.read_file()
    port = env.port("PORT", 8000)
    check_free(port)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    django.setup()
    site.prepare()
    _say(f"\n{settings.SITE_NAME} is at http://127.0.0.1:{port}/ and Ctrl-C ends it.\n")
    logins = settings.VAR_DIR / "development-logins.txt"
    if logins.exists():
        _say(logins.read_text(encoding="utf-8"))
    # What stays is small: no Django, and no connection to the database.
    os.execv(sys.executable, [sys.executable, "-m", "deploy.local.keeper"])  # noqa: S606 (no shell is wanted)


def check_free(port: int) -> None:
    """End with a sentence when another program listens on `port`, or only root may."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            reason = "is taken by another program" if error.errno == errno.EADDRINUSE else "cannot be used"
            raise SystemExit(f"Port {port} {reason}. Choose another one: make run PORT=8001") from error


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
