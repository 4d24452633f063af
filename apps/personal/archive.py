"""Files of exports: written, found, removed. Not here: who may have one (actions/exports.py)."""

import io
import json
import os
import shutil
import tempfile
import zipfile
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

from apps.accounts.models import User
from apps.personal import queries
from apps.personal.contents import KINDS
from apps.personal.models import Export

README = """# Your data on {site}

One file for each kind of data, in JSON Lines: each line is one thing, a JSON object. Times are in UTC; `at` is when it
happened. The address of a story is /s/ and its number, that of a comment /comments/ and its number.

You are logged in on {sessions} devices. Your password is kept only in a form from which it cannot be read.

{kinds}"""


def write(export_id: int) -> int:
    """Write the export's file, readable by this user alone; how many bytes, 0 when its person is erased meanwhile.

    Memory: some thousand rows, however many there are. Written again, it replaces the former one.
    """
    export = Export.objects.select_related("user").filter(pk=export_id).first()
    if export is None:
        return 0
    folder = Path(settings.EXPORTS_DIR)
    folder.mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as workshop:
        path = Path(workshop) / "export.zip"
        path.touch(mode=0o600)
        _fill(path, export.user)
        os.replace(path, export.path)
    return export.path.stat().st_size


def remove(export: Export) -> None:
    """Delete its file, if there is one."""
    export.path.unlink(missing_ok=True)


def remove_strays(*, before: datetime) -> None:
    """Delete files older than `before` that belong to no export: left by runners that were killed. 1 query."""
    folder = Path(settings.EXPORTS_DIR)
    known = {Export(pk=pk).path for pk in Export.objects.values_list("pk", flat=True)}
    for path in set(folder.iterdir() if folder.exists() else ()) - known:
        if path.stat().st_mtime < before.timestamp():
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _fill(path: Path, person: User) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.md", _readme(person))
        for kind in KINDS:
            file = archive.open(f"{kind.name}.jsonl", "w", force_zip64=True)
            with io.TextIOWrapper(file, "utf-8") as lines:
                for row in kind.rows(person):
                    lines.write(json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False) + "\n")


def _readme(person: User) -> str:
    kinds = [f"## {kind.name}.jsonl\n{kind.about}\n\nFields: {', '.join(kind.fields)}.\n" for kind in KINDS]
    return README.format(site=settings.SITE_NAME, sessions=queries.num_sessions(person), kinds="\n".join(kinds))
