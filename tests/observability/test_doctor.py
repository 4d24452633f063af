"""What the doctor finds on a machine where one thing is broken. Broken servers: test_doctor_servers.py."""

import json
import re
import shutil
import socket
import time
from collections import namedtuple
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.jobs.models import Job, State
from apps.observability import health
from apps.observability.doctor import servers as doctor
from apps.replicas import readonly
from tests.jobs.names import enqueued
from tests.notifications.conftest import Mails, mail_port, mails, shelf

__all__ = ["mail_port", "mails", "shelf"]  # fixtures

pytestmark = pytest.mark.django_db

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def sound(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> None:
    """A site with nothing to find fault with. Connections outlive an examination: closing would end the test."""
    health._check_tables.cache_clear()
    monkeypatch.setattr(connections["default"], "close", lambda: None)
    settings.VAR_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    settings.BASE_DIR = tmp_path
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    job = enqueued("jobs.forget_finished")
    Job.objects.filter(pk=job.pk).update(
        key="beat:jobs.forget_finished:1", state=State.DONE, finished_at=timezone.now()
    )


def examined(*arguments: str) -> tuple[bool, dict[str, list[Any]]]:
    """Whether the doctor is content, and what it found, by what it is about: level, text, advice."""
    out, content = StringIO(), True
    try:
        call_command("doctor", "--json", *arguments, stdout=out)
    except SystemExit as end:
        content = end.code == 0
    told = json.loads(out.getvalue())
    assert told["ok"] is content
    found: dict[str, list[Any]] = {}
    for finding in told["findings"]:
        found.setdefault(finding["about"], []).append((finding["level"], finding["text"], finding["advice"]))
    return content, found


def test_sound_site_has_nothing_but_fine_findings() -> None:
    content, found = examined()

    assert content
    assert {level for findings in found.values() for level, *_ in findings} == {"fine"}
    assert {
        "settings",
        "versions",
        "disk",
        "permissions",
        "secrets",
        "database",
        "mail",
        "jobs",
        "site",
    } <= found.keys()


def test_people_get_a_line_for_each_finding(settings: Settings) -> None:
    settings.MEDIA_ROOT = "/proc/media"
    out = StringIO()

    with pytest.raises(SystemExit) as end:
        call_command("doctor", stdout=out)

    lines = out.getvalue().splitlines()
    assert end.value.code == 1
    assert all(line[:2] in {"✓ ", "! ", "✗ "} for line in lines)
    [line] = [line for line in lines if line.startswith("✗ permissions")]
    assert line.startswith("✗ permissions  /proc cannot be written to: ")
    assert line.endswith("Let the user that runs the site write there: chown, or mount it so.")


def test_public_site_is_checked_like_one(settings: Settings) -> None:
    settings.SITE_URL = "http://news.example.org"
    settings.ALLOWED_HOSTS = ["elsewhere.example.org"]

    content, found = examined()

    texts = [text for _, text, _ in found["settings"]]
    assert not content
    assert any("(security.W008)" in text for text in texts)
    assert ("error", "news.example.org is refused", "Set ALLOWED_HOSTS=news.example.org, as SITE_URL has it.") in found[
        "settings"
    ]
    assert found["mail"][0][:2] == ("warning", "is only printed")


def test_package_of_another_version_is_told(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("django==1.0 \\\n    --hash=sha256:0\nno-such-thing==2\n")

    content, found = examined()

    [(level, text, _)] = found["versions"]
    assert content
    assert level == "warning"
    assert "instead of 1.0, no-such-thing is missing" in text


def test_static_files_that_were_not_collected_are_told(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    }

    content, found = examined()

    [(level, text, advice)] = found["static files"]
    assert (content, level) == (False, "error")
    assert text == f"none are collected in {tmp_path / 'static'}"
    assert "collectstatic" in advice


@pytest.mark.parametrize(("free", "level"), [(100_000_000, "error"), (900_000_000, "warning"), (5_000_000_000, "fine")])
def test_full_disk_is_told(free: int, level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10_000_000_000, 0, free))

    _, found = examined()

    assert {each for each, *_ in found["disk"]} == {level}


def test_secret_that_others_can_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret-key").touch(mode=0o644)
    (tmp_path / "password").touch(mode=0o604)
    monkeypatch.setenv("EMAIL_HOST_PASSWORD_FILE", str(tmp_path / "password"))

    content, found = examined()

    [(level, text, _)] = found["secrets"]
    assert (content, level) == (True, "warning")
    assert text == f"others can read {tmp_path}/secret-key, {tmp_path}/password"


def test_mail_server_is_asked_and_gets_no_mail(mails: Mails) -> None:
    content, found = examined()

    assert content
    assert found["mail"][0][0] == "fine"
    assert mails() == []


def test_mail_is_sent_to_who_is_named(mails: Mails) -> None:
    content, _ = examined("--mail", "operator@example.org")

    assert content
    assert [mail["To"] for mail in mails()] == ["operator@example.org"]


def test_mail_server_that_refuses_an_address_is_told(mails: Mails) -> None:
    content, found = examined("--mail", "gone@example.org")

    assert not content
    assert "There is nobody of that name" in found["mail"][0][1]


def test_mail_server_that_is_gone_is_told(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    content, found = examined()

    assert not content
    assert found["mail"][0][1] == "127.0.0.1:1: [Errno 111] Connection refused"


def test_mail_server_without_tls_is_told(mails: Mails, settings: Settings) -> None:
    settings.EMAIL_USE_TLS = True

    content, found = examined()

    assert not content
    assert "STARTTLS" in found["mail"][0][1]


def test_server_that_does_not_speak_like_mail_is_told(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = mute.getsockname()
        settings.EMAIL_TIMEOUT = 1

        content, found = examined()

    assert not content
    assert "timed out" in found["mail"][0][1]


@pytest.mark.parametrize(
    ("skew", "level", "words"),
    [(0, "fine", "that of Redis"), (9, "warning", "ahead"), (-9, "warning", "behind"), (3600, "error", "ahead")],
)
def test_clock_that_is_wrong_is_told(skew: float, level: str, words: str) -> None:
    finding = doctor._clock("Redis", lambda: time.time() + skew)

    assert (finding.about, finding.level) == ("clock", level)
    assert words in finding.text


def test_redis_and_broker_that_are_gone_are_told(settings: Settings) -> None:
    settings.REDIS_URL = settings.BROKER_URL = "redis://127.0.0.1:1/0"
    settings.CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": settings.REDIS_URL}}

    content, found = examined()

    assert not content
    assert found["redis"][0][0] == found["broker"][0][0] == "error"
    assert "REDIS_URL" in found["redis"][0][2]


def test_site_that_was_not_migrated_is_told() -> None:
    MigrationRecorder(connection).record_unapplied("moderation", "0002_flags")

    content, found = examined()

    assert not content
    assert found["site"][0][1] == "The database lacks tables or columns: manage.py migrate"
    assert "jobs" not in found


def test_site_in_maintenance_is_told() -> None:
    readonly.switch_on("Back at noon.")
    try:
        content, found = examined()
    finally:
        readonly.switch_off()

    assert content
    assert found["site"] == [("warning", "Back at noon.", "")]


def test_work_that_nobody_does_is_told() -> None:
    job = enqueued("jobs.forget_finished")
    Job.objects.filter(pk=job.pk).update(due_at=timezone.now() - timedelta(minutes=10))

    content, found = examined()

    [(level, text, advice)] = found["jobs"]
    assert (content, level) == (False, "error")
    assert re.fullmatch("the queue slow waits for 6[0-9]{2} s, 1 are due", text)
    assert "run_jobs" in advice


def test_scheduler_that_is_gone_is_told() -> None:
    Job.objects.update(created_at=timezone.now() - timedelta(minutes=6))

    content, found = examined()

    assert not content
    assert "the last scheduled one was enqueued at" in found["jobs"][0][1]


def test_site_that_never_ran_a_job_is_told() -> None:
    Job.objects.all().delete()

    content, found = examined()

    assert content
    assert found["jobs"][0][:2] == ("warning", "no scheduled job was ever enqueued")


def test_dead_letters_are_told() -> None:
    job = enqueued("jobs.forget_finished")
    Job.objects.filter(pk=job.pk).update(state=State.DEAD, finished_at=timezone.now())

    content, found = examined()

    assert content
    assert found["jobs"][0][:2] == ("warning", "1 dead letters")
