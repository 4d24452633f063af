"""A private RabbitMQ, with an Erlang port mapper of its own, so that nothing of either is left."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from deploy.local import processes, scratch
from deploy.local.processes import Program, connect

USER = "rabbitmq"


class Rabbit:
    """Runs from its making on. Its ports stay while it is down."""

    def __init__(self, directory: Path) -> None:
        port, mapper = processes.free_port(), processes.free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{port}//"
        self._mapper = Program(
            command=["/usr/bin/epmd", "-port", str(mapper), "-address", "127.0.0.1"],
            log=directory / "mapper.log",
            user=USER,
            attempt=partial(connect, mapper),
        )
        settings = {
            "NODENAME": f"trial{port}@localhost",
            "NODE_IP_ADDRESS": "127.0.0.1",
            "NODE_PORT": port,
            "DIST_PORT": processes.free_port(),
            "MNESIA_BASE": directory / "mnesia",
            "LOG_BASE": directory / "logs",
            "PID_FILE": directory / "pid",
            "CONFIG_FILE": directory / "none",
            "ENABLED_PLUGINS_FILE": directory / "plugins",
        }
        environment = {f"RABBITMQ_{name}": str(value) for name, value in settings.items()}
        environment |= {"ERL_EPMD_PORT": str(mapper), "ERL_EPMD_ADDRESS": "127.0.0.1"}
        self._server = Program(
            command=["/usr/lib/rabbitmq/bin/rabbitmq-server"],
            log=directory / "log",
            user=USER,
            attempt=partial(connect, port),
            environment=environment,
        )
        self.mapper = processes.serve(self._mapper)
        self.start()

    def start(self) -> None:
        """With the queues and messages that it had."""
        self.process = processes.serve(self._server)

    def kill(self) -> None:
        processes.kill(self.process)


@contextmanager
def private_rabbit() -> Iterator[Rabbit]:
    with scratch.directory(user=USER) as directory:
        rabbit = Rabbit(directory)
        try:
            yield rabbit
        finally:
            rabbit.kill()
            processes.stop(rabbit.mapper)
