"""Removes tokens and secrets from the evidence, and cuts long bodies."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import itertools
import json
import re
from typing import Any
from urllib.parse import quote, quote_plus

from traceability.evidence.known_tokens import KnownTokens
from traceability.model import (
    Exchange,
    Finding,
    Measurement,
    Mismatch,
    ScenarioEvidence,
    StepEvidence,
)

BODY_LIMIT = 4000
"""Maximum length of a body, in characters."""
MESSAGE_LIMIT = 1500
"""Maximum length of an error message, in characters."""
LOG_LINE_LIMIT = 400
"""Maximum length of a line of a log, in characters."""
CLAIM_LIMIT = 12
"""Maximum length of a token's `alg` and `sub`, in characters: enough to tell users apart."""
SECRET_HEADERS = {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"}
POSSIBLE_JWT = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]++(?:={0,2}\.[A-Za-z0-9_-]*+)+")
"""Text that may hold a JWT: base64url parts between dots (RFC 7515, section 7.1).

The possessive quantifiers keep the search linear.
"""
# A character of a token as a URL or a JSON text may spell it: `%2E`, `%252E`, `\u002e`.
CODE = r"(?:%(?:25)*|\\u00)"
SPELLED_LETTER = rf"{CODE}(?:2[Dd]|3[0-9]|4[1-9A-Fa-f]|5[0-9AaFf]|6[1-9A-Fa-f]|7[0-9Aa])"
SPELLED = re.compile(rf"{CODE}(2[DdEe]|3[0-9Dd]|[4-7][0-9A-Fa-f])")
SPELLED_JWT = re.compile(
    rf"(?:[A-Za-z0-9_-]|{SPELLED_LETTER})+"
    rf"(?:(?:=|{CODE}3[Dd]){{0,2}}(?:\.|{CODE}2[Ee])(?:[A-Za-z0-9_-]|{SPELLED_LETTER})*)*"
    rf"|{CODE}[0-9A-Fa-f]{{2}}"
)
"""Runs that may hold a JWT, or the code of what separates them: no letter is looked at twice."""
JSON_BEGINS = re.compile(r"ey[JA]|ew[ok0]")
"""`{` and what may follow it in JSON, in base64url."""
BEGINNINGS_TRIED = 8
"""How many places in a part are tried as the beginning of a token that touches a text before it."""


def decode_part(part: str) -> dict[str, Any] | None:
    """Return the JSON object that one part of a JWT holds, or None when it holds none."""
    try:
        text = base64.urlsafe_b64decode(part.rstrip("=") + "=" * (-len(part.rstrip("=")) % 4))
        value = json.loads(text)
    except (binascii.Error, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def describe_token(parts: list[str]) -> str:
    """Describe a token by the claims that are safe to show: its algorithm and its subject."""
    objects = [value for part in parts[:2] if (value := decode_part(part)) is not None]
    claims = {name: value for value in objects for name, value in value.items()}
    shown = []
    for name in ("alg", "sub"):
        if name in claims:
            text = re.sub(r"[^\w@:+-]", "?", str(claims[name]), flags=re.ASCII)
            shown.append(f"{name}={text[:CLAIM_LIMIT]}{'…' if len(text) > CLAIM_LIMIT else ''}")
    return f"‹token {' '.join(shown)}›" if shown else "‹token›"


def replace_token(text: str) -> str:
    """Replace a token from the first part that holds a JSON object; what is before it stays."""
    parts = text.split(".")
    for index, part in enumerate(parts[:-1]):
        # A JSON object begins with `{`, whose base64 code begins with `e`.
        starts = [0] if part.startswith("e") else []
        begins = itertools.islice(JSON_BEGINS.finditer(part), BEGINNINGS_TRIED)
        for start in [*starts, *(found.start() for found in begins)]:
            if decode_part(part[start:]) is not None:
                token = describe_token([part[start:], *parts[index + 1 :]])
                return ".".join([*parts[:index], part[:start] + token])
    return text


def replace_spelled_token(text: str) -> str:
    """Replace a token of which characters are spelled as codes; any other text stays as it is."""
    plain = SPELLED.sub(lambda code: chr(int(code[1], 16)), text)
    safe = replace_token(plain)
    return text if safe == plain else safe


def spellings(secret: str) -> frozenset[str]:
    """Return how a secret may be written: as it is, in JSON, a URL, hexadecimal or base64.

    Of base64 (RFC 4648), what it becomes in the middle of other text: `user:password` is encoded as
    a whole. A text of under 8 characters there would be found by chance.
    """
    data = secret.encode("utf-8", "surrogatepass")
    found = {secret, json.dumps(secret)[1:-1], quote(data, safe=""), quote_plus(data)}
    if len(data) >= 8:
        found |= {data.hex(), data.hex().upper()}
        for before in range(3):  # the place in a group of three bytes decides about the characters
            encoded = base64.b64encode(bytes(before) + data).decode()
            begin, end = (0, 2, 3)[before], (before + len(data)) * 4 // 3
            inner = encoded[begin:end]
            found |= {inner, inner.replace("+", "-").replace("/", "_")}
    return frozenset(found)


def _looks_random(part: str) -> bool:
    """Whether a part of a token is no words: words would be replaced wherever they stand."""
    kinds = (str.isdigit, str.isupper, str.islower)
    return all(any(map(kind, part)) for kind in kinds)


class Redactor:
    """Replaces JWTs, credentials in headers, and secrets that `add_secret` registered."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._tokens = KnownTokens()

    def add_secret(self, secret: str) -> None:
        """Replace `secret` from now on, in each of its `spellings`."""
        if secret:
            self._secrets |= spellings(secret)
            longest_first = sorted(self._secrets, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def add_token(self, token: str) -> None:
        """Replace pieces of `token`, too, from now on: whole ones are recognised by their form."""
        self._tokens.add(token)

    def redact_text(self, text: str) -> str:
        """Return `text` without tokens and secrets."""
        # Tokens first: a secret may stand in one in base64, and what is left would be no token.
        if "%" in text or "\\u00" in text:
            text = SPELLED_JWT.sub(lambda found: replace_spelled_token(found[0]), text)
        text = POSSIBLE_JWT.sub(lambda found: replace_token(found[0]), text)
        text = self._tokens.replace(text, "‹token›")
        return self._pattern.sub("‹secret›", text) if self._pattern else text

    def redact_body(self, text: str, limit: int = BODY_LIMIT) -> str:
        """Return `text` without tokens and secrets, then cut: a cut secret would not be found."""
        text = self.redact_text(text)
        if len(text) <= limit:
            return text
        return f"{text[:limit]}… ‹{len(text) - limit} more characters›"

    def redact_log(self, text: str) -> str:
        """Return the end of a log without tokens and secrets; only then it is cut, to its end."""
        lines = [
            line if len(line) <= LOG_LINE_LIMIT else f"{line[:LOG_LINE_LIMIT]}…"
            for line in self.redact_text(text).splitlines()
        ]
        while len(lines) > 1 and sum(map(len, lines)) + len(lines) > BODY_LIMIT:
            del lines[0]
        return "\n".join(lines)

    def redact_header(self, name: str, value: str) -> tuple[str, str]:
        """Return name and value. Of a credential, the scheme and a description remain."""
        safe = self.redact_body(value)
        if name.lower() not in SECRET_HEADERS or not value:
            return name, safe
        scheme, space, credential = value.partition(" ")
        if not space or not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,19}", scheme):
            scheme, credential = "", value
        shown = self.redact_text(credential)
        if not (shown == credential == "" or (shown.startswith("‹") and shown.endswith("›"))):
            shown = f"‹{len(credential)} characters›"
        return name, f"{scheme}{space if scheme else ''}{shown}"

    def redact_value(self, value: Any) -> Any:
        """Return a JSON value with its texts and keys redacted."""
        match value:
            case str():
                return self.redact_text(value)
            case dict():
                return {
                    self.redact_text(str(name)): self.redact_value(inner)
                    for name, inner in value.items()
                }
            case list() | tuple():
                return [self.redact_value(inner) for inner in value]
        return value

    def redact_finding(self, finding: Finding) -> Finding:
        """Return the finding with its message redacted."""
        return dataclasses.replace(finding, message=self.redact_text(finding.message))

    def redact_scenario(self, evidence: ScenarioEvidence) -> ScenarioEvidence:
        """Return the evidence of a scenario with all its texts redacted.

        The tokens that it sent are known from now on: an answer may hold a piece of one.
        """
        for exchange in evidence.exchanges:
            for value in [exchange.path, *(value for _, value in exchange.request_headers)]:
                for found in POSSIBLE_JWT.finditer(value):
                    if replace_token(found[0]) != found[0]:
                        self.add_token(".".join(filter(_looks_random, found[0].split("."))))
        return dataclasses.replace(
            evidence,
            reason=self.redact_body(evidence.reason, MESSAGE_LIMIT),
            steps=tuple(self._redact_step(step) for step in evidence.steps),
            exchanges=tuple(self._redact_exchange(exchange) for exchange in evidence.exchanges),
            measurements=tuple(self._redact_measurement(one) for one in evidence.measurements),
            log=self.redact_log(evidence.log),
        )

    def _redact_step(self, step: StepEvidence) -> StepEvidence:
        text, message = self.redact_text(step.text), self.redact_body(step.message, MESSAGE_LIMIT)
        mismatches = tuple(self._redact_mismatch(one) for one in step.mismatches)
        return dataclasses.replace(step, text=text, message=message, mismatches=mismatches)

    def _redact_mismatch(self, mismatch: Mismatch) -> Mismatch:
        return Mismatch(
            sentence=self.redact_body(mismatch.sentence, MESSAGE_LIMIT),
            case=self.redact_text(mismatch.case),
            expected=self.redact_body(mismatch.expected, MESSAGE_LIMIT),
            actual=self.redact_body(mismatch.actual, MESSAGE_LIMIT),
            subjects=tuple(self.redact_text(one) for one in mismatch.subjects),
            by_subject=mismatch.by_subject,
        )

    def _redact_exchange(self, exchange: Exchange) -> Exchange:
        return dataclasses.replace(
            exchange,
            path=self.redact_body(exchange.path),
            request_headers=tuple(self.redact_header(*pair) for pair in exchange.request_headers),
            request_body=self.redact_body(exchange.request_body),
            response_headers=tuple(self.redact_header(*pair) for pair in exchange.response_headers),
            response_body=self.redact_body(exchange.response_body),
            error=self.redact_body(exchange.error),
            log=self.redact_log(exchange.log),
        )

    def _redact_measurement(self, measurement: Measurement) -> Measurement:
        return dataclasses.replace(measurement, detail=self.redact_text(measurement.detail))
