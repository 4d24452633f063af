"""The image that `make image` has built, run as a cluster runs it: read-only, by its own user, without any rights."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from deploy.local import processes, scratch
from deploy.local.processes import Process, Program

PLACE = scratch.ROOT / "var" / "image"
BUILDAH = ["buildah", "--root", str(PLACE / "storage"), "--runroot", str(PLACE / "run")]
RUNC = ["runc", "--root", str(PLACE / "runc")]


@dataclass(frozen=True)
class Image:
    """Its files, and what it says of itself."""

    root: Path
    config: dict[str, Any]
    directory: Path
    environment: Mapping[str, str]

    def start(self, name: str, *command: str, listens: str) -> Process:
        """Run `command` as the container `name` until it is stopped. `listens` is the setting that ends in its port."""
        place = self._bundle(name, command, listens)
        port = int(listens.rpartition(":")[2].rpartition("=")[2])
        run = [*RUNC, "run", "--bundle", str(place), name]
        attempt = partial(processes.connect, port)
        return processes.serve(Program(command=run, log=place / "log", user="", attempt=attempt))

    def run(self, name: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run `command` as the container `name` to its end."""
        run = [*RUNC, "run", "--bundle", str(self._bundle(name, command)), name]
        return subprocess.run(run, check=False, capture_output=True, text=True)

    def inside(self, name: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run `command` in the container `name` that runs already."""
        return subprocess.run([*RUNC, "exec", name, *command], check=False, capture_output=True, text=True)

    def _bundle(self, name: str, command: Sequence[str], *settings: str) -> Path:
        place = self.directory / name
        var = place / "var"
        var.mkdir(parents=True)
        var.chmod(0o777)
        environment = [*self.config["Env"], *(f"{key}={value}" for key, value in self.environment.items())]
        user, group = (int(number) for number in self.config["User"].split(":"))
        bundle = {
            "ociVersion": "1.0.2",
            "root": {"path": str(self.root), "readonly": True},
            "process": {
                "args": [*self.config["Entrypoint"], *command],
                "env": [*environment, *settings],
                "cwd": self.config["WorkingDir"],
                "user": {"uid": user, "gid": group},
                "noNewPrivileges": True,
            },
            "mounts": [
                {"destination": "/proc", "type": "proc", "source": "proc"},
                *(_memory(place) for place in ("/dev", "/dev/shm", "/tmp")),
                {"destination": "/var/lib/groundswell", "type": "bind", "source": str(var), "options": ["rbind", "rw"]},
            ],
            # The network is the machine's, where the servers are that it needs.
            "linux": {"namespaces": [{"type": kind} for kind in ("pid", "ipc", "uts", "mount")]},
        }
        (place / "config.json").write_text(json.dumps(bundle), encoding="utf-8")
        return place


def _memory(place: str) -> dict[str, Any]:
    options = ["nosuid", "strictatime", "mode=755", "size=65536k"] if place == "/dev" else ["nosuid", "mode=1777"]
    return {"destination": place, "type": "tmpfs", "source": "tmpfs", "options": options}


@contextmanager
def opened(directory: Path, environment: Mapping[str, str]) -> Iterator[Image]:
    """The image, for the length of the block; containers get a place in `directory`, and `environment`."""
    container = _buildah("from", "--pull-never", "groundswell")
    try:
        config = json.loads(_buildah("inspect", "--type", "image", "groundswell"))["Docker"]["config"]
        yield Image(Path(_buildah("mount", container)), config, directory, environment)
    finally:
        _buildah("rm", container)


def _buildah(*arguments: str) -> str:
    result = subprocess.run([*BUILDAH, *arguments], check=True, capture_output=True, text=True)
    return result.stdout.strip()
