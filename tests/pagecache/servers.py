"""A private Redis that a test may freeze, kill and start again."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from apps.pagecache.stores import RedisStore
from deploy.local import processes, programs, scratch


class RedisServer:
    """Runs from its making on. Its port stays while it is down."""

    def __init__(self, directory: Path) -> None:
        password, port = secrets.token_hex(8), processes.free_port()
        self.url = f"redis://:{password}@127.0.0.1:{port}/0"
        self.program = programs.redis(directory, port, password)
        self.start()

    def start(self) -> None:
        """With what was saved last."""
        self.process = processes.serve(self.program)

    def kill(self) -> None:
        processes.kill(self.process)

    def freeze(self) -> None:
        processes.freeze(self.process)

    def mend(self) -> None:
        """Have it run again, whatever was done to it, and remember nothing at its next start."""
        processes.thaw(self.process)
        (self.program.log.parent / "dump.rdb").unlink(missing_ok=True)
        if self.process.state == "gone":
            self.start()


def wait(store: RedisStore, seconds: float = 0.15) -> None:
    """Have the store wait so long for an answer, by default as on a real site."""
    pool = store._client.connection_pool
    pool.connection_kwargs |= {"socket_timeout": seconds, "socket_connect_timeout": seconds}
    pool.disconnect()
    store._line._process = 0


@contextmanager
def private_redis() -> Iterator[RedisServer]:
    with scratch.directory(user=programs.REDIS_USER) as directory:
        server = RedisServer(directory)
        try:
            yield server
        finally:
            processes.stop(server.process)
