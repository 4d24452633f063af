"""A live service of a test's own."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.request import urlopen

from django.conf import settings

from deploy.local import processes, programs, scratch
from deploy.local.processes import Process, Program
from tests.patience import PATIENCE


@dataclass
class LiveServer:
    """Runs from its making on. Its port stays while it is down."""

    port: int
    program: Program
    process: Process

    def is_deaf(self) -> bool:
        """Whether Redis is out of its reach."""
        with urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=PATIENCE) as answer:
            return bool(json.load(answer)["degraded"])

    def restart(self) -> None:
        processes.stop(self.process)
        self.process = processes.serve(self.program)


@contextmanager
def serving(redis_url: str, **environment: str) -> Iterator[LiveServer]:
    """A live service on this Redis, which knows the keys that the test makes."""
    with scratch.directory(user=programs.site_user() or programs.WEB_USER) as directory:
        own = {"LIVE": "1", "REDIS_URL": redis_url, "VAR_DIR": str(directory), "SECRET_KEY": settings.SECRET_KEY}
        port = processes.free_port()
        program = programs.live(directory, port, {**own, "DATABASE_URL": "sqlite://:memory:", **environment})
        server = LiveServer(port, program, processes.serve(program))
        try:
            yield server
        finally:
            processes.stop(server.process)
