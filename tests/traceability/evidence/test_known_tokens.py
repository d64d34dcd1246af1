"""Every piece of a known token is found, however the token was cut."""

from __future__ import annotations

import secrets

import pytest

from traceability.evidence.known_tokens import PIECE, KnownTokens

PAYLOAD, SIGNATURE = secrets.token_urlsafe(60), secrets.token_urlsafe(32)
TOKEN = f"eyJhbGciOiJIUzI1NiJ9.{PAYLOAD}.{SIGNATURE}"


@pytest.fixture
def known() -> KnownTokens:
    tokens = KnownTokens()
    tokens.add(TOKEN)
    return tokens


@pytest.mark.parametrize("begin", range(32))
def test_a_piece_of_any_part_is_replaced(known: KnownTokens, begin: int) -> None:
    for part in (PAYLOAD, SIGNATURE):
        piece = part[begin : begin + PIECE]
        if len(piece) == PIECE:
            assert known.replace(f"see: {piece}!", "‹token›") == "see: ‹token›!"
            assert known.found(piece)


def test_what_touches_a_piece_stays(known: KnownTokens) -> None:
    assert known.replace(f"x.{SIGNATURE[-20:]}.y", "‹›") == "x.‹›.y"
    assert known.replace(f"{'é'}{SIGNATURE[:20]}…{PAYLOAD[-20:]}", "‹›") == "é‹›…‹›"


def test_fewer_characters_and_other_words_stay(known: KnownTokens) -> None:
    text = f"{SIGNATURE[: PIECE - 1]} a-word-of-some-length 3f2504e0-4f89-11d3-9a0c-0305e82c3301"
    assert known.replace(text, "‹›") == text
    assert not known.found(text)
    assert KnownTokens().replace(TOKEN, "‹›") == TOKEN


def test_a_search_may_leave_headers_out() -> None:
    tokens = KnownTokens(20, with_header=False)
    tokens.add(TOKEN)
    assert not tokens.found(TOKEN.split(".")[0])
    assert tokens.found(TOKEN)


def test_replacing_takes_linear_time(known: KnownTokens) -> None:
    assert known.replace("a" * 2_000_000, "‹›") == "a" * 2_000_000
