"""The way to Redis: a circuit breaker before it, and which run of the server is behind it.

For sessions and tokens too: whoever meets a slow or dead server spares the others the wait.
"""

import builtins
import os
import socket
import ssl
import struct
import threading
from typing import Any

import hiredis
import redis
from redis.exceptions import ConnectionError, RedisError, ResponseError, TimeoutError

from apps.core.breaker import Breaker


class Client(redis.Redis):
    """What django-redis uses instead of redis-py's own client."""

    breaker = Breaker(ConnectionError)
    # Another one after a restart or a failover: then what Redis says may be older than what it said before.
    run_id = ""

    def __init__(self, connection_pool: redis.ConnectionPool, **options: Any) -> None:
        connection_pool.connection_kwargs["redis_connect_func"] = greet
        super().__init__(connection_pool=connection_pool, **options)

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Run one command. Raises ConnectionError at once while the breaker is open."""
        self.breaker.check()
        try:
            answer = super().execute_command(*args, **options)  # type: ignore[no-untyped-call]  # redis-py's own
        except (ConnectionError, TimeoutError):
            self.breaker.trip()
            raise
        except ResponseError:
            # A refusal is an answer: a server that has restarted knows none of our scripts, and shall learn them now.
            self.breaker.close()
            raise
        self.breaker.close()
        return answer


class Line(threading.local):
    """A connection of this thread's own, for what every page asks: a third of the cost of redis-py's way."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._process = 0

    def ask(self, *command: str) -> Any:
        """Run one command. Raises ConnectionError, at once while the breaker is open, or OSError."""
        self._client.breaker.check()
        try:
            answer = self._answer(command)
        except (OSError, RedisError):
            self._process = 0
            self._client.breaker.trip()
            raise
        self._client.breaker.close()
        return answer

    def _answer(self, command: tuple[str, ...]) -> Any:
        # Of a parent from before the fork, or none: over its line both would speak.
        if self._process == os.getpid():
            try:
                return self._once(command)
            except ConnectionError:
                pass  # the server may have hung up long ago, and be back
        self._connect()
        return self._once(command)

    def _connect(self) -> None:
        pool = self._client.connection_pool
        # Not from the pool, which would count it for ever, long after its thread has ended.
        self._connection: Any = pool.connection_class(**pool.connection_kwargs)
        self._connection.connect()
        self._socket: socket.socket = self._connection._sock
        if not isinstance(self._socket, ssl.SSLSocket):
            # The kernel keeps the time: Python would poll before each call, and give up its lock twice as often.
            seconds, part = divmod(self._connection.socket_timeout or 0, 1)
            for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                self._socket.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", int(seconds), int(part * 1e6)))
            self._socket.settimeout(None)
        self._reader = hiredis.Reader()
        self._process = os.getpid()

    def _once(self, command: tuple[str, ...]) -> Any:
        try:
            self._socket.sendall(hiredis.pack_command(command))  # type: ignore[arg-type]  # of any length
            # A managed Redis may say in between that it is about to move.
            while (answer := self._reader.gets()) is False or isinstance(answer, hiredis.PushNotification):
                if answer is False:
                    if not (read := self._socket.recv(65536)):
                        raise ConnectionError("Redis has hung up.")
                    self._reader.feed(read)
        except (builtins.ConnectionError, hiredis.ProtocolError) as error:
            raise ConnectionError(str(error)) from error
        if isinstance(answer, hiredis.ReplyError):
            raise ResponseError(str(answer))
        return answer


def greet(connection: Any) -> None:
    """Sign in over a new connection, and learn which run of the server answers."""
    connection.on_connect()
    connection.send_command("INFO", "server")
    lines = bytes(connection.read_response()).decode().splitlines()
    Client.run_id = next(line.partition(":")[2] for line in lines if line.startswith("run_id:"))
