"""What gunicorn.conf.py prepares before the site is loaded."""

import os
import subprocess
import sys
from pathlib import Path

from deploy.local.scratch import ROOT

SAYS = """
import runpy
runpy.run_path("gunicorn.conf.py")
from prometheus_client import values
print(values.ValueClass._multiprocess)
"""


def test_the_counters_of_all_workers_are_kept_where_each_can_read_them(tmp_path: Path) -> None:
    environment = os.environ | {"VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "project.settings"}

    said = subprocess.run(
        [sys.executable, "-c", SAYS], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    assert said.stdout == "True\n"
    assert (tmp_path / "metrics" / "web-0").is_dir()
