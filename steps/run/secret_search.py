"""Looks for secrets of a run in everything that it printed and wrote.

The evidence is redacted while it is written. This is the check of that: it reads the finished files
and the terminal's output, in whatever way a secret has come there.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import pytest

from traceability.evidence.known_tokens import KnownTokens
from traceability.evidence.redaction import POSSIBLE_JWT, replace_token, spellings

MINIMUM_LENGTH = 16
"""Characters of a secret that is looked for: a shorter one stands in other text by chance."""


TOKEN_PIECE = 20
"""Characters of a piece of a token that is looked for: shorter ones stand in other base64, too."""


class RunSecrets:
    """The secrets of a run, by what they are, and what the run printed. A plugin of pytest."""

    def __init__(self) -> None:
        self._secrets: dict[str, str] = {}
        """Secret to what it is."""
        self._printed: list[str] = []
        self._tokens = KnownTokens(TOKEN_PIECE, with_header=False)

    def pytest_configure(self, config: pytest.Config) -> None:
        """Let the fixtures and the scheduler find this."""
        config.stash[RUN_SECRETS] = self

    def add(self, secrets: Mapping[str, str]) -> None:
        """Look for these, too: what each is, and the secret.

        Each makes the search longer: the thousands of tokens of a run go to `add_token`.
        """
        self._secrets |= {
            secret: name for name, secret in secrets.items() if len(secret) >= MINIMUM_LENGTH
        }

    def add_token(self, token: str) -> None:
        """Look for pieces of this token, too; whole ones are recognised by their form."""
        self._tokens.add(token)

    @contextmanager
    def note_output(self) -> Iterator[None]:
        """Keep what is printed inside the block, besides printing it."""
        before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = (_Noting(one, self._printed) for one in before)
        try:
            yield
        finally:
            sys.stdout, sys.stderr = before

    def found(self, files: Iterable[Path]) -> list[str]:
        """Return a sentence for each secret that stands in a file or in the output."""
        texts = {"the output of this run": "".join(self._printed)}
        texts |= {str(file): file.read_text("utf-8", "replace") for file in files}
        names = {
            spelling: name for one, name in self._secrets.items() for spelling in spellings(one)
        }
        pattern = re.compile("|".join(map(re.escape, names)) or r"(?!)")
        sentences = set()
        for place, text in texts.items():
            what = {names[match[0]] for match in pattern.finditer(text)}
            if any(replace_token(match[0]) != match[0] for match in POSSIBLE_JWT.finditer(text)):
                what.add("a token")
            if self._tokens.found(text):
                what.add("a piece of a token")
            sentences |= {f"{one} stands in {place}" for one in what}
        return sorted(sentences)


RUN_SECRETS = pytest.StashKey[RunSecrets]()


class _Noting:
    """A stream that notes what is written to it."""

    def __init__(self, stream: TextIO, printed: list[str]) -> None:
        self._stream = stream
        self._printed = printed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        self._printed.append(text)
        return self._stream.write(text)
