"""Collects, hashes and compresses static files, only when one of them or the packages have changed."""

import os
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

from project import env


def collect_when_changed() -> None:
    """Bring STATIC_ROOT up to date. The manifest, written last, is the mark of the last complete run."""
    sources = [settings.BASE_DIR / "requirements.txt"]
    for directory in settings.STATICFILES_DIRS:
        sources += [directory, *directory.rglob("*")]
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    if not manifest.exists() or _modified(manifest) < max(map(_modified, sources)):
        call_command("collectstatic", interactive=False, verbosity=0)


def _modified(path: Path) -> float:
    return path.stat().st_mtime


if __name__ == "__main__":
    env.read_file()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    django.setup()
    collect_when_changed()
