"""Makes .venv and installs pinned requirements into it. Standard library only: it runs before any package is there."""

import importlib.util
import subprocess
import sys
from pathlib import Path

DIRECTORY = Path(".venv")
PYTHON = DIRECTORY / "bin" / "python"


def main(requirements: list[str]) -> None:
    """Install the files `requirements`, every package checked against its hash."""
    if sys.version_info < (3, 11):  # noqa: UP036 (it speaks to older ones)
        raise SystemExit(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}. Try PYTHON3=python3.11")
    if importlib.util.find_spec("ensurepip") is None:
        raise SystemExit("Python cannot make virtual environments here. Install them: apt-get install python3-venv")
    if not usable():
        _run(sys.executable, "-m", "venv", "--clear", str(DIRECTORY))
    sys.stdout.write(f"Installing {' and '.join(requirements)} (a minute or two the first time)\n")
    sys.stdout.flush()
    files = [argument for name in requirements for argument in ("-r", name)]
    _run(str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", *files)


def usable() -> bool:
    """Whether .venv is there and whole; one whose Python has moved or lost pip is made anew."""
    if not PYTHON.exists():
        return False
    probe = subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False)  # noqa: S603 (our own)
    return probe.returncode == 0


def _run(*command: str) -> None:
    result = subprocess.run(command, check=False)  # noqa: S603 (fixed programs; the files come from the Makefile)
    if result.returncode:
        raise SystemExit(f"This failed, see above: {' '.join(command)}")


if __name__ == "__main__":
    main(sys.argv[1:])
