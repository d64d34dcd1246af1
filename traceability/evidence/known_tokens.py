"""Finds pieces of known tokens: a text that was cut or wrapped holds a part of one only.

A whole token can be recognised by its form. Its end, a piece of a payload or a signature, looks
like any other word; it is found because the token is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

PIECE = 12
"""Characters of the shortest piece that is found; fewer say nothing of 72 bits of a token."""
LONG_WORD = re.compile(r"[A-Za-z0-9_-]{12,}")
"""What can hold a piece: at least `PIECE` characters of base64url."""


class KnownTokens:
    """A set of tokens, by the pieces of their parts (RFC 7515, section 7.1)."""

    def __init__(self, length: int = PIECE, *, with_header: bool = True) -> None:
        self._length = length
        """Characters of a piece."""
        self._first_part = 0 if with_header else 1
        self._pieces: set[str] = set()

    def add(self, token: str) -> None:
        """Know the token from now on."""
        for part in token.split(".")[self._first_part :]:
            ends = range(self._length, len(part) + 1)
            self._pieces.update(part[end - self._length : end] for end in ends)

    def replace(self, text: str, by: str) -> str:
        """Return the text with each piece, as long as it is, replaced."""
        if not self._pieces:
            return text
        return LONG_WORD.sub(lambda word: self._replace_in_word(word[0], by), text)

    def _replace_in_word(self, word: str, by: str) -> str:
        kept, end = [], 0
        for first, last in self._places(word):
            kept += [word[end:first], by]
            end = last
        return "".join([*kept, word[end:]]) if end else word

    def found(self, text: str) -> bool:
        """Return whether a piece of a token is in the text."""
        words = LONG_WORD.finditer(text) if self._pieces else ()
        return any(next(self._places(word[0]), None) is not None for word in words)

    def _places(self, word: str) -> Iterator[tuple[int, int]]:
        """Yield where pieces begin and end; pieces that touch are one."""
        begin, end = 0, -1
        for at in range(len(word) - self._length + 1):
            if word[at : at + self._length] in self._pieces:
                if at > end and end >= 0:
                    yield begin, end
                begin = at if at > end else begin
                end = at + self._length
        if end >= 0:
            yield begin, end
