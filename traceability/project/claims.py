"""Reads the claims in source files: comment lines such as `Implements: FR-013, SR-009`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from traceability.model import Claim, Finding

_CLAIM = re.compile(r"\s*implements\s*:(.*)", re.IGNORECASE)
_ID = re.compile(r"US\d+-AS\d+|[A-Z]+-\d+")


@dataclass(frozen=True)
class Comment:
    """One line of a comment, without the characters that begin it."""

    line: int
    text: str


def parse_claims(path: str, comments: Iterable[Comment]) -> tuple[list[Claim], list[Finding]]:
    """Return the claims in the comments of a file, and a finding for each malformed one."""
    claims: list[Claim] = []
    findings: list[Finding] = []
    for comment in comments:
        match = _CLAIM.match(comment.text)
        if not match:
            continue
        for name in match[1].split(","):
            if _ID.fullmatch(name.strip()):
                claims.append(Claim(name.strip(), path, comment.line))
            else:
                mistake = f"{name.strip()!r} is no id" if name.strip() else "an id is missing"
                message = f"malformed claim: {mistake}; write `Implements: FR-001, SR-002`"
                findings.append(Finding("malformed-claim", message, path, comment.line))
    return claims, findings
