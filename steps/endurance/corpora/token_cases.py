"""Hostile tokens (`tokens.jsonl`), described and made when they are sent: no file holds one.

`header` and `claims` are JSON objects, or text whose characters are the bytes of the part. In an
object the text `${now+60}` becomes that number of seconds; in a text it is replaced where it
stands. `signed` names the key and `hash` the HMAC's hash. `token` says how the parts are put
together and `authorization` how the token is sent.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from steps.endurance.corpora.placeholders import fill
from steps.endurance.corpora.reader import FOLDER, Outcome, read_cases
from steps.endurance.corpora.request_cases import RequestCase, play_requests

KEYS = (
    "secret",
    "another",
    "empty",
    "secret in upper case",
    "secret and line end",
    "base64 secret",
)
HASHES = ("sha256", "sha384", "sha512", "sha1", "md5")
NOW = re.compile(r"\$\{now([+-]\d+)?\}")


@dataclass(frozen=True)
class TokenCase:
    """A line of the file."""

    why: str
    expected: int
    header: Any = field(default_factory=lambda: {"alg": "HS256", "typ": "JWT"})
    claims: Any = field(default_factory=lambda: {"sub": "${user}", "exp": "${now+600}"})
    signed: str = "secret"
    hash: str = "sha256"
    token: str = "${h}.${c}.${s}"  # noqa: S105 - no token, but how one is put together
    """Parts are `h`, `c`, `s`; `c of other` is of another user's claims; then `cut`, `flip`, `pad`,
    `twice`, `upper`, `reversed`, `hex`, `standard`, `nought` may follow, as in `${s flip}`."""
    authorization: str = "Authorization: Bearer ${token}\r\n"

    def __post_init__(self) -> None:
        if self.expected not in (200, 401):
            raise ValueError("'expected' has to be 200 (let in) or 401 (refused)")
        if self.signed not in KEYS:
            raise ValueError(f"'signed' has to be one of {', '.join(KEYS)}")
        if self.hash not in HASHES:
            raise ValueError(f"'hash' has to be one of {', '.join(HASHES)}")


def read_tokens() -> list[TokenCase]:
    """Read the file. Raises `CorpusError`."""
    return read_cases(TokenCase, FOLDER / "tokens.jsonl")


def play_tokens(
    base_url: str, cases: Sequence[TokenCase], values: Mapping[str, str], secret: str
) -> Iterator[Outcome[TokenCase]]:
    """Ask for the user's list with each token; yield what came.

    `secret` is what the server verifies tokens with; `values` has `user` and `other`.
    """
    requests = [_request(case, values, secret) for case in cases]
    played = play_requests(base_url, requests, {"user": values["user"]})
    for case, outcome in zip(cases, played, strict=True):
        yield Outcome(case, outcome.came, outcome.ok)


def _request(case: TokenCase, values: Mapping[str, str], secret: str) -> RequestCase:
    token = make(case, values, secret)
    fields = fill(case.authorization, {"token": token})
    head = f"GET /api/${{user}}/tasks HTTP/1.1\r\nHost: ${{host}}\r\n{fields}\r\n"
    return RequestCase(case.why, head, case.expected)


def make(case: TokenCase, values: Mapping[str, str], secret: str) -> str:
    """Return the token that a line describes."""
    header, claims = (_bytes(part, values) for part in (case.header, case.claims))
    of_other = claims.replace(values["user"].encode(), values["other"].encode())
    signed = f"{_encode(header)}.{_encode(claims)}".encode()
    signature = hmac.new(_key(case.signed, secret), signed, case.hash).digest()
    parts: dict[str, str] = {}
    for name, part in (("h", header), ("c", claims), ("c of other", of_other), ("s", signature)):
        parts |= {f"{name}{how}": text for how, text in _spellings(part).items()}
    return fill(case.token, parts)


def _key(name: str, secret: str) -> bytes:
    return {
        "secret": secret.encode(),
        "another": secrets.token_bytes(48),
        "empty": b"",
        "secret in upper case": secret.upper().encode(),
        "secret and line end": secret.encode() + b"\n",
        "base64 secret": base64.b64encode(secret.encode()),
    }[name]


def _encode(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def _spellings(part: bytes) -> dict[str, str]:
    """Return a part as it should be, and as it should not, by the words of a line."""
    text = _encode(part)
    flipped = bytes([part[0] ^ 1]) + part[1:] if part else b"\x00"
    return {
        "": text,
        " cut": text[:-1],
        " flip": _encode(flipped),
        " pad": base64.urlsafe_b64encode(part).decode(),
        " twice": text + text,
        " upper": text.upper(),
        " reversed": text[::-1],
        " hex": part.hex(),
        " standard": base64.b64encode(part).decode(),
        " nought": _encode(b"\x00" * len(part)),
        " hashed": hashlib.sha256(part).hexdigest(),
    }


def _bytes(part: object, values: Mapping[str, str]) -> bytes:
    now = int(time.time())
    if isinstance(part, str):
        text = NOW.sub(lambda match: str(now + int(match[1] or 0)), part)
        return fill(text, values).encode("latin-1")
    return json.dumps(_filled(part, values, now)).encode()


def _filled(part: Any, values: Mapping[str, str], now: int) -> Any:
    if isinstance(part, dict):
        return {name: _filled(value, values, now) for name, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, values, now) for value in part]
    if isinstance(part, str):
        match = NOW.fullmatch(part)
        return now + int(match[1] or 0) if match else fill(part, values)
    return part
