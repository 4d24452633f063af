"""Jobs while everything that carries them is killed, frozen and emptied: each is done, and leaves its rows once."""

import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psycopg
import pytest
from amqp.exceptions import PreconditionFailed  # type: ignore[import-untyped]  # it says nothing of its types
from kombu import Connection, Queue

from deploy.local import fleet, processes, scratch
from deploy.local.fleet import Fleet
from deploy.local.members import SITE, Broker
from deploy.local.processes import Program
from tests.cluster.chaos import Chaos
from tests.cluster.conftest import restart_site
from tests.cluster.rabbit import Rabbit, private_rabbit
from tests.replicas.servers import until

pytestmark = pytest.mark.cluster

CHAOS_SECONDS = 45
PEOPLE = 4
# Of each, not counting those that fail; with every one come five promises.
REQUESTS = 100
# Jobs wait some seconds after each attempt whose process was killed; the rest is for a very busy machine.
PATIENCE = 300


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The delivery reports of a real SMTP server, which the settings of this module's fleet name."""
    file, port = tmp_path_factory.mktemp("mailbox") / "reports", processes.free_port()
    file.touch()
    command = [sys.executable, "-m", "tests.cluster.mailbox", str(port), str(file)]
    attempt = partial(processes.connect, port)
    program = Program(command=command, log=file.parent / "log", user="", attempt=attempt, directory=scratch.ROOT)
    server = processes.serve(program)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"EMAIL_BACKEND": "smtp", "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(port)}.items():
            patch.setenv(name, value)
        yield file
    processes.stop(server)


@pytest.fixture(scope="module")
def here(reports: Path) -> Iterator[Fleet]:
    """A fleet of its own, with the trial's jobs and two tables of theirs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEB_WORKERS", "1")
        patch.setenv("DJANGO_SETTINGS_MODULE", "tests.jobs.trial_settings")
        with fleet.running() as running:
            for table in ("promises (word text, is_mail boolean)", "kept (word text)"):
                running.primary.query(f"CREATE TABLE {table}")
                running.primary.query(f"ALTER TABLE {table.split()[0]} OWNER TO {SITE}")
            yield running


def promise(here: Fleet, words: Sequence[str], mails: Sequence[str] = ()) -> bool:
    """Whether the site says that all was promised; if not, it may have been all the same."""
    connection = HTTPConnection(urlsplit(here.address).netloc, timeout=20)
    try:
        body = urlencode({"word": words, "mail": mails}, doseq=True)
        connection.request("POST", "/trial/promises", body, {"Content-Type": "application/x-www-form-urlencoded"})
        return connection.getresponse().status == HTTPStatus.CREATED
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def promise_all(here: Fleet) -> set[str]:
    """What was answered: REQUESTS promises, over most of the time in which things are killed."""
    answered: set[str] = set()
    deadline = time.monotonic() + PATIENCE
    while len(answered) < REQUESTS * 5 and time.monotonic() < deadline:
        words, mails = new_words(4), new_words(1)
        if promise(here, words, mails):
            answered |= {*words, *mails}
        time.sleep(CHAOS_SECONDS / REQUESTS / 2)
    return answered


def new_words(number: int) -> list[str]:
    return [secrets.token_hex(8) for _ in range(number)]


def words(here: Fleet, query: str) -> Counter[str]:
    return Counter(word for (word,) in here.primary.query(query))


def unfinished(here: Fleet) -> int:
    """How many jobs are not done; not of the site's own, some of which wait for their hour."""
    query = "SELECT count(*) FROM jobs_job WHERE state <> 'done' AND name ~ '^(trial|pagecache)[.]'"
    try:
        return int(here.primary.query(query)[0][0])
    except psycopg.OperationalError as error:  # a machine so busy that nobody gets a connection
        raise TimeoutError from error


def test_each_job_is_done_and_its_rows_are_written_once_whatever_is_killed(here: Fleet, reports: Path) -> None:
    seed = secrets.randbelow(10**6)
    chaos = Chaos(here, seed)
    end = time.monotonic() + CHAOS_SECONDS
    with ThreadPoolExecutor(PEOPLE) as pool:
        people = [pool.submit(promise_all, here) for _ in range(PEOPLE)]
        chaos.go_on(lambda: time.monotonic() > end and all(person.done() for person in people))
        answered = set().union(*(person.result() for person in people))
    ended = time.monotonic()

    def is_drained() -> bool:
        chaos.supervise()
        return not unfinished(here)

    until(is_drained, PATIENCE)
    drained = time.monotonic() - ended

    promised, kept = words(here, "SELECT word FROM promises"), words(here, "SELECT word FROM kept")
    mails = words(here, "SELECT '<' || word || '@trial.example>' FROM promises WHERE is_mail")
    delivered = Counter(reports.read_text(encoding="utf-8").split())
    again = words(here, "SELECT '<' || (ids ->> 'word') || '@trial.example>' FROM jobs_job WHERE attempts > 1")
    # Shown when something fails, and by -s.
    sys.stdout.write(
        f"seed {seed}: {len(kept)} jobs, all done {drained:.0f} s after the last fault, {again.total()} tried again;"
        f" {mails.total()} mails, {delivered.total() - len(delivered)} delivered again; {dict(chaos.faults)}\n"
    )

    assert not unfinished(here)
    assert answered <= promised.keys()
    assert kept == promised
    assert delivered.keys() == mails.keys()
    # What was sent twice was sent under the same Message-ID, by a job whose process did not live to note it.
    assert {mail for mail, times in delivered.items() if times > 1} <= again.keys()
    assert len(answered) == PEOPLE * REQUESTS * 5


@pytest.fixture
def rabbit(here: Fleet) -> Iterator[Rabbit]:
    """In the place of Redis, and with no scheduler that would tell of jobs once more."""
    with private_rabbit() as rabbit:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Broker, "url", rabbit.url)
            restart_site(here)
            for scheduler in here.schedulers:
                here.stop(scheduler)
            yield rabbit
        restart_site(here)


def test_rabbitmq_carries_jobs_by_its_address_alone(here: Fleet, rabbit: Rabbit) -> None:
    def all_are_kept() -> bool:
        """Whether they are, after one more that is told of."""
        promise(here, new_words(1))
        return words(here, "SELECT word FROM promises") == words(here, "SELECT word FROM kept")

    until(all_are_kept, PATIENCE)
    rabbit.kill()
    assert {promise(here, new_words(1)) for _ in range(20)} == {True}
    rabbit.start()

    until(all_are_kept, PATIENCE)

    with Connection(rabbit.url) as connection, pytest.raises(PreconditionFailed, match="x-queue-type"):
        Queue("fast", channel=connection.default_channel, queue_arguments={"x-queue-type": "classic"}).declare()
