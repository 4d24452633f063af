"""What gunicorn.conf.py prepares before the site is loaded, and what it lets in."""

import os
import subprocess
import sys
from contextlib import closing
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

from deploy.local import processes
from deploy.local.scratch import ROOT
from tests.patience import PATIENCE

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


ECHO = """
import django

django.setup()  # for what begins in each worker

def application(environ, start_response):
    start_response("200 OK", [])
    return [f"{environ['SCRIPT_NAME']}|{environ['PATH_INFO']}".encode()]
"""


def test_nobody_says_where_the_site_begins(tmp_path: Path) -> None:
    (tmp_path / "echo.py").write_text(ECHO, encoding="utf-8")
    environment = os.environ | {"VAR_DIR": str(tmp_path), "WEB_WORKERS": "1"}
    port = processes.free_port()
    options = ["--bind", f"127.0.0.1:{port}", "--pythonpath", str(tmp_path), "echo:application"]
    with subprocess.Popen([sys.executable, "-m", "gunicorn", *options], cwd=ROOT, env=environment) as process:
        try:
            assert processes.answers(processes.found(process.pid), partial(processes.connect, port))
            with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
                connection.request("GET", "/c/django", headers={"SCRIPT_NAME": "/c", "PATH_INFO": "/"})
                said = connection.getresponse().read()
        finally:
            process.terminate()

    assert said == b"|/c/django"
