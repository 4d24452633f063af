"""Private processes: they end with the process that started them, and with nothing less."""

import signal
import socket
import threading
from pathlib import Path

import pytest

from deploy.local import processes
from deploy.local.processes import Process, Program


def test_what_a_thread_has_started_outlives_the_thread(tmp_path: Path) -> None:
    started: list[Process] = []
    program = Program(command=["sleep", "600"], log=tmp_path / "log", user="", attempt=lambda: None)
    thread = threading.Thread(target=lambda: started.append(processes.serve(program)))

    thread.start()
    thread.join()

    assert not started[0].wait(0.2)
    processes.kill(started[0])
    assert started[0].state == "gone"


def test_a_number_that_a_thread_has_by_now_is_nobodys() -> None:
    is_over = threading.Event()
    thread = threading.Thread(target=is_over.wait)
    thread.start()
    assert thread.native_id
    gone = Process(thread.native_id, began=1)

    gone.send(signal.SIGKILL)
    ended = gone.wait(1)

    is_over.set()
    thread.join()
    assert ended


def test_a_port_is_given_to_one_alone_whose_server_may_listen_on_it() -> None:
    port = processes.free_port()

    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind((processes.LOOPBACK, port))
    with socket.create_server((processes.LOOPBACK, port)):
        processes.connect(port)
        assert not processes.is_free(port)
    assert processes.is_free(port)
