"""Debian packages: installs those that are named and missing, or says how to.

`python -m deploy.local.packages postgresql nginx` installs two.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

# A program of each package; which PostgreSQL it is says its directory.
PROGRAMS = {
    "postgresql": "usr/lib/postgresql/*/bin/initdb",
    "redis-server": "usr/bin/redis-server",
    "rabbitmq-server": "usr/lib/rabbitmq/bin/rabbitmq-server",
    "nginx": "usr/sbin/nginx",
    "iproute2": "usr/*bin/ip",
    "haproxy": "usr/sbin/haproxy",
    "chromium": "usr/bin/chromium",
    "wrk": "usr/bin/wrk",
    "prometheus": "usr/bin/prometheus",
    "buildah": "usr/bin/buildah",
    "mmdebstrap": "usr/bin/mmdebstrap",
    "runc": "usr/sbin/runc",
}
# Installed along with it. Where Nginx is there already it sends no .br files, which is no reason to end.
COMPANIONS = {"nginx": ["libnginx-mod-http-brotli-static"]}
# Debian would start these for the whole machine, now and at each boot. Nobody asked for that: ours are private.
SERVICES = {
    "redis-server": ["redis-server.service"],
    "nginx": ["nginx.service"],
    "prometheus": ["prometheus.service"],
    "haproxy": ["haproxy.service"],
    "rabbitmq-server": ["rabbitmq-server.service", "epmd.socket", "epmd.service"],
}
# For PostgreSQL it would make a server as well. Where the administrator has this file already, it stays as it is.
CLUSTER_FILE = "/etc/postgresql-common/createcluster.conf"
NO_CLUSTER = """# Written by Groundswell: installing PostgreSQL makes no server by itself.
# Delete this file to have Debian's default back; `pg_createcluster 15 main --start` makes a server at any time.
create_main_cluster = false
"""


def main(needed: Sequence[str]) -> None:
    """Install what is missing, as root or through sudo without a password; otherwise end with what to do."""
    packages = [package for package in needed if not list(Path("/").glob(PROGRAMS[package]))]
    if not packages:
        return
    packages += [companion for package in packages for companion in COMPANIONS.get(package, [])]
    by_hand = f"apt-get install --no-install-recommends {' '.join(packages)}"
    root = _become_root()
    if root is None or not shutil.which("apt-get"):
        raise SystemExit(f"Missing here: {' and '.join(packages)}. Install by hand, as root: {by_hand}")
    sys.stdout.write(f"Installing Debian's {' and '.join(packages)}\n")
    sys.stdout.flush()
    if "postgresql" in packages and not os.path.exists(CLUSTER_FILE):
        _run(*root, "install", "-D", "-m", "644", "/dev/stdin", CLUSTER_FILE, words=NO_CLUSTER)
    _install(root, packages)


def _install(root: Sequence[str], packages: Sequence[str]) -> None:
    # Without systemd, Debian asks for the runlevel before it starts a service; in the first one it starts none.
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    apt = [*root, *quiet, "-o", "DPkg::Lock::Timeout=300"]
    services = [service for package in packages for service in SERVICES.get(package, [])]
    with_systemd = bool(services) and Path("/run/systemd/system").exists()
    _run(*apt, "update")
    if with_systemd:
        _run(*root, "systemctl", "--quiet", "mask", *services)
    try:
        _run(*apt, "install", "-y", "--no-install-recommends", *packages)
    finally:
        if with_systemd:
            _run(*root, "systemctl", "--quiet", "unmask", *services)
    if with_systemd:
        _run(*root, "systemctl", "--quiet", "disable", *services)


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
    main(sys.argv[1:])
