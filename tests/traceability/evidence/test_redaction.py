"""No token and no secret reaches the evidence, in whatever field it is."""

from __future__ import annotations

import base64
import json

import pytest

from traceability.evidence.redaction import BODY_LIMIT, Redactor
from traceability.model import (
    Exchange,
    Measurement,
    Mismatch,
    Result,
    ScenarioEvidence,
    StepEvidence,
)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


SIGNATURE = base64.urlsafe_b64encode(bytes(range(180, 212))).rstrip(b"=").decode()
TOKEN = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part({'sub': 'user-1234567890', 'exp': 1})}"
TOKEN = f"{TOKEN}.{SIGNATURE}"
SHOWN = "‹token alg=HS256 sub=user-1234567…›"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        (TOKEN, SHOWN),
        (f"Bearer {TOKEN}", f"Bearer {SHOWN}"),
        (f'{{"detail": "bad {TOKEN}"}}', f'{{"detail": "bad {SHOWN}"}}'),
        (f"/path?token={TOKEN}&x=1", f"/path?token={SHOWN}&x=1"),
        (TOKEN.replace(".", "==."), SHOWN),
        (f"see sentence.{TOKEN}", f"see sentence.{SHOWN}"),
        (TOKEN.rpartition(".")[0] + ".", SHOWN),  # alg: none has an empty signature
        (TOKEN[:70], "‹token alg=HS256›"),  # cut, as a shortened repr is
        ("a.plain.sentence.of.some.length", "a.plain.sentence.of.some.length"),
        ("everything.else.stays.here", "everything.else.stays.here"),
        ("https://example.org/index.html", "https://example.org/index.html"),
        (f"{part({'alg': 'none'})}.{part({'sub': 7})}.", "‹token alg=none sub=7›"),
        (f"{part({'alg': 'HS256'})}.{part({'sub': '‹' + SIGNATURE})}.x", None),
        (f"/a/{TOKEN.replace('.', '%2E')}/b%20c", f"/a/{SHOWN}/b%20c"),
        (f"/a?t={TOKEN.replace('.', '%252e')}&b=%2E", f"/a?t={SHOWN}&b=%2E"),
        (f"Bearer%20%65{TOKEN[1:]}%20x", f"Bearer%20{SHOWN}%20x"),
        ("".join(f"%{ord(letter):02X}" for letter in TOKEN), SHOWN),
        ('"bad ' + TOKEN.replace(".", "\\u002e") + '"', f'"bad {SHOWN}"'),
        (f"a\\n{TOKEN}", f"a\\n{SHOWN}"),  # as JSON or a repr shows a line break before it
        (f"user-{TOKEN}", f"user-{SHOWN}"),
        ("/a/%2E%2e/100%/50%25/\\u0041.b.c", "/a/%2E%2e/100%/50%25/\\u0041.b.c"),
    ],
)
def test_tokens_in_text_are_redacted(text: str, safe: str | None) -> None:
    redacted = Redactor().redact_text(text)
    if safe is not None:
        assert redacted == safe
    assert SIGNATURE not in redacted


@pytest.mark.parametrize(
    ("name", "value", "safe"),
    [
        ("Authorization", f"Bearer {TOKEN}", f"Bearer {SHOWN}"),
        ("authorization", "Bearer garbage", "Bearer ‹7 characters›"),
        ("authorization", "Basic dXNlcjpwYXNz", "Basic ‹12 characters›"),
        ("authorization", "bare-credential", "‹15 characters›"),
        ("authorization", "Bearer ", "Bearer "),
        ("authorization", "", ""),
        ("authorization", f"{SIGNATURE} x", "‹45 characters›"),
        ("cookie", "session=abc", "‹11 characters›"),
        ("x-request-id", "abc", "abc"),
    ],
)
def test_credentials_in_headers_are_redacted(name: str, value: str, safe: str) -> None:
    assert Redactor().redact_header(name, value) == (name, safe)


def test_registered_secret_is_redacted_in_every_spelling() -> None:
    redactor = Redactor()
    redactor.add_secret('s"cret/ü')
    assert redactor.redact_text('s"cret/ü s\\"cret/\\u00fc s%22cret%2F%C3%BC') == " ".join(
        ["‹secret›"] * 3
    )


def test_body_is_redacted_before_it_is_cut() -> None:
    body = "x" * (BODY_LIMIT - 40) + " " + TOKEN + "y" * 100
    safe = Redactor().redact_body(body)
    assert TOKEN.split(".")[1][:10] not in safe
    assert Redactor().redact_body("z" * (BODY_LIMIT + 7)).endswith("‹7 more characters›")


def test_redaction_takes_linear_time() -> None:
    # A regular expression of quadratic time would take hours here.
    assert Redactor().redact_text("a" * 2_000_000) == "a" * 2_000_000


def test_every_field_of_a_scenario_is_redacted() -> None:
    evidence = ScenarioEvidence(
        id="f:1",
        result=Result.FAILED,
        reason=TOKEN,
        seconds=1.0,
        steps=(StepEvidence("When", TOKEN, 1, Result.FAILED, 0.1, TOKEN),),
        exchanges=(
            Exchange(
                step=0,
                method="GET",
                path=f"/{TOKEN}",
                request_headers=(("Authorization", f"Bearer {TOKEN}"), ("X", TOKEN)),
                request_body=TOKEN,
                status=200,
                response_headers=(("X", TOKEN),),
                response_body=TOKEN,
                seconds=0.1,
                error=TOKEN,
            ),
        ),
        measurements=(Measurement(0, "m", 1.0, "s", detail=TOKEN),),
    )
    safe = Redactor().redact_scenario(evidence)
    assert SIGNATURE not in repr(safe)
    assert repr(safe).count(SHOWN) == repr(evidence).count(SIGNATURE)


def test_pieces_of_tokens_that_a_scenario_sent_are_redacted() -> None:
    """A server quotes the end of a token: it is known from the request's header."""
    sent = Exchange(0, "GET", "/", (("Authorization", f"Bearer {TOKEN}"),), "", 401, (), "", 0.1)
    tail = f"cannot read ...{SIGNATURE[-20:]}"
    mismatch = Mismatch(tail, tail, tail, tail, (tail,))
    step = StepEvidence("Then", "so", 1, Result.FAILED, 0.1, tail, mismatches=(mismatch,))
    evidence = ScenarioEvidence("f:1", Result.FAILED, tail, 1.0, (step,), (sent,))
    safe = repr(Redactor().redact_scenario(evidence))
    assert SIGNATURE[-12:] not in safe
    assert safe.count("cannot read ...‹token›") == 7


def test_words_in_the_place_of_a_signature_are_not_taken_for_a_token() -> None:
    forged = TOKEN.replace(SIGNATURE, "authorization-needed")
    sent = Exchange(0, "GET", "/", (("Authorization", f"Bearer {forged}"),), "", 401, (), "", 0.1)
    redactor = Redactor()
    redactor.redact_scenario(ScenarioEvidence("f:1", Result.PASSED, "", 1.0, (), (sent,)))
    assert redactor.redact_text("authorization-needed") == "authorization-needed"
