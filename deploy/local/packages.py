"""Debian packages that tests need: PostgreSQL and Chromium. Installs what is missing, or says how to."""

import os
import shutil
import subprocess
import sys

from deploy.local import postgres

# Debian would make and start a server for the whole machine along with the package. Nobody asked for one, and
# the tests use their own. Where the administrator has this file already, it stays as it is.
CLUSTER_FILE = "/etc/postgresql-common/createcluster.conf"
NO_CLUSTER = """# Written by Groundswell's `make test`: installing PostgreSQL makes no server by itself.
# Delete this file to have Debian's default back; `pg_createcluster 15 main --start` makes a server at any time.
create_main_cluster = false
"""


def main() -> None:
    """Install what is missing, as root or through sudo without a password; otherwise end with what to do."""
    packages = missing()
    if not packages:
        return
    by_hand = f"apt-get install --no-install-recommends {' '.join(packages)}"
    become_root = _become_root()
    if become_root is None or not shutil.which("apt-get"):
        raise SystemExit(f"The tests need {' and '.join(packages)}. Install by hand, as root: {by_hand}")
    sys.stdout.write(f"Installing Debian's {' and '.join(packages)}\n")
    sys.stdout.flush()
    if "postgresql" in packages and not os.path.exists(CLUSTER_FILE):
        _run(*become_root, "install", "-D", "-m", "644", "/dev/stdin", CLUSTER_FILE, words=NO_CLUSTER)
    apt = [*become_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    _run(*apt, "update")
    _run(*apt, "install", "-y", "--no-install-recommends", *packages)


def missing() -> list[str]:
    """The packages whose programs are not there."""
    packages = []
    if not list(postgres.INSTALLED.glob("*/bin/initdb")):
        packages.append("postgresql")
    if not shutil.which("chromium"):
        packages.append("chromium")
    return packages


def _become_root() -> list[str] | None:
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "-n"]
    allowed = shutil.which("sudo") and subprocess.run([*sudo, "true"], check=False).returncode == 0  # noqa: S603 (our own)
    return sudo if allowed else None


def _run(*command: str, words: str = "") -> None:
    result = subprocess.run(command, check=False, input=words, text=True)  # noqa: S603 (fixed programs)
    if result.returncode:
        raise SystemExit(f"This failed, see above: {' '.join(command)}")


if __name__ == "__main__":
    main()
