"""Where the processes of one machine keep what Prometheus reads, so that each of them can show the sum."""

import os
from pathlib import Path

from project import env


def share() -> Path:
    """Have this process count there, and drop the gauges of those that are gone; the directory.

    To be called before prometheus_client is imported, which looks for the variable then.
    """
    directory = env.directory("VAR_DIR", Path(__file__).parent.parent / "var") / "metrics"
    directory.mkdir(parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(directory)
    for gauges in directory.glob("gauge_live*.db"):
        if is_gone(gauges):
            gauges.unlink(missing_ok=True)
    return directory


def is_gone(file: Path) -> bool:
    """Whether the process that counted in `file` has ended."""
    return not Path("/proc", file.stem.rpartition("_")[2]).exists()
