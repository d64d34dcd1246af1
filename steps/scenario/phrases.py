"""The parser of the steps' sentences.

`{who}` is a name such as Alice, `"{title}"` any text between quotes, `{count:Number}` an integer
such as 1,000. Each pattern is narrow, so that no sentence matches two definitions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pytest_bdd import parsers

FIELD_PATTERNS = {
    "Name": r"[A-Z][a-z]+",
    "Text": r'[^"]*',
    "Word": r"\S+",
    "Quoted": r'"[^"]*"(?:, "[^"]*")*',
    "Method": r"[A-Z]+",
    "Change": r"renames|replaces with the same|completes and reopens|completes",
    "Attack": r"[^,]+, .+|her own id .+|an id that is hers .+",
    "State": r"a (?:JWT secret|database URL|CORS origin) that is (?!32 bytes).+",
    "Described": (
        r"(?:no|an empty|null for a|a number for a|true for a|a list for a|an object for a) "
        r"(?:title|description)|a (?:title|description) (?:of|that) .+(?<! for a body)"
    ),
}


def _field(pattern: str, convert: Callable[[str], Any] = str) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        return convert(text)

    read.pattern = pattern  # type: ignore[attr-defined]  # `parse` reads this attribute
    return read


FIELD_TYPES = {name: _field(pattern) for name, pattern in FIELD_PATTERNS.items()}
FIELD_TYPES["Number"] = _field(r"[\d,]+", lambda text: int(text.replace(",", "")))


def phrase(sentence: str) -> parsers.parse:
    """Return the pytest-bdd parser of a step's sentence."""
    typed = re.sub(r"{(who|other)}", r"{\1:Name}", sentence)
    typed = re.sub(r'"{(\w+)}"', r'"{\1:Text}"', typed)
    return parsers.parse(typed, extra_types=FIELD_TYPES, case_sensitive=True)
