"""Tokens: page boundaries, timelines, signatures."""

import time

import pytest
from django.core.signing import TimestampSigner

from apps.replicas import tokens
from tests.conftest import CountQueries

SEGMENT = 16 * 1024 * 1024


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        # A record that ended on a page: the next page's header is skipped on the primary, not yet on a replica.
        (0x447A018, 0x447A000),
        # At the start of a segment the header is longer.
        (SEGMENT + 40, SEGMENT),
        # Elsewhere 40 bytes into a page is where a record that began on the page before has ended.
        (0x447A028, 0x447A028),
        # And no record of a segment's first page ends 24 bytes into it, but this is not ours to change.
        (SEGMENT + 24, SEGMENT + 24),
        (0x447A000, 0x447A000),
        (0x447A123, 0x447A123),
    ],
)
def test_position_after_a_page_header_counts_as_the_page_before(position: int, expected: int) -> None:
    assert tokens.normalized(position, SEGMENT) == expected


def test_what_a_promoted_server_writes_is_newer_than_all_that_was_lost() -> None:
    assert tokens.token(2, 0x90) > tokens.token(1, 0xFFFF_FFFF_FFFF_FFFF)
    assert tokens.token(2, 0x91) > tokens.token(2, 0x90)


def test_signed_token_is_read_back() -> None:
    token = tokens.token(3, 0xABCDEF)

    assert tokens.unsign(tokens.sign(token)) == token


@pytest.mark.parametrize("text", ["", "nonsense", "ffff", "ffff:1abc:forged", "\x00"])
def test_token_that_was_tampered_with_is_nothing(text: str) -> None:
    assert tokens.unsign(text) == 0


def test_token_with_another_number_under_its_signature_is_nothing() -> None:
    _, _, signature = tokens.sign(7).partition(":")

    assert tokens.unsign(f"ff:{signature}") == 0


def test_old_token_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class SlowSigner(TimestampSigner):
        def timestamp(self) -> str:
            return "1abc"  # decades ago

    monkeypatch.setattr(tokens, "_signer", lambda: SlowSigner(salt="replicas.token"))
    text = tokens.sign(7)
    monkeypatch.undo()

    assert tokens.unsign(text) == 0


@pytest.mark.django_db
def test_without_replicas_the_token_is_the_clock_and_costs_no_query(count_queries: CountQueries) -> None:
    before = time.time_ns()

    with count_queries() as queries:
        token = tokens.current()

    assert token >= before
    assert queries == []
