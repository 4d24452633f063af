"""A real HAProxy with the example's configuration, before whoever it is told of."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from deploy.local import processes, programs, scratch

EXAMPLE = scratch.ROOT / "deploy" / "haproxy" / "haproxy.cfg"
# The example's servers; 10.0.0.21 is that of the live service, too.
GUNICORNS, LIVE = ("10.0.0.21:8000", "10.0.0.22:8000"), "10.0.0.21:8100"


@dataclass(frozen=True)
class Balancer:
    """Its port, and the file in which it says which servers are up."""

    port: int
    log: Path

    def num_told(self, words: str) -> int:
        """How often it has said this."""
        return self.log.read_text(encoding="utf-8").count(words)


@contextmanager
def balancing(gunicorns: Sequence[str], live: str = LIVE) -> Iterator[Balancer]:
    """HAProxy before two gunicorns and a live service, "host:port", for the length of the block."""
    port = processes.free_port()
    config = EXAMPLE.read_text(encoding="utf-8")
    places = {"bind :80": f"bind 127.0.0.1:{port}", LIVE: live, **dict(zip(GUNICORNS, gunicorns, strict=True))}
    for example, place in places.items():
        assert example in config
        config = config.replace(example, place)
    with scratch.directory(user=programs.WEB_USER) as directory:
        (directory / "haproxy.cfg").write_text(config, encoding="utf-8")
        command = ["/usr/sbin/haproxy", "-db", "-f", str(directory / "haproxy.cfg")]
        attempt, log = partial(processes.connect, port), directory / "log"
        process = processes.serve(processes.Program(command=command, log=log, user=programs.WEB_USER, attempt=attempt))
        try:
            yield Balancer(port, log)
        finally:
            processes.stop(process)
