"""Tables of distinct values, for a page in which the same value occurs hundreds of times.

Position 0 of every table is the empty value.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = list[Any]


class Table(dict[Any, int]):
    """Distinct values in the order in which they were added, each with its position."""

    def __missing__(self, value: Any) -> int:
        self[value] = ref = len(self)
        return ref


@dataclass
class Tables:
    """The distinct texts, sets of lines, lists of headers, and lines that ran in a step."""

    texts: Table = field(default_factory=lambda: Table({"": 0}))
    ranges: Table = field(default_factory=lambda: Table({(): 0}))
    headers: Table = field(default_factory=lambda: Table({(): 0}))
    runs: Table = field(default_factory=lambda: Table({(): 0}))

    def text(self, value: str) -> int:
        return self.texts[value]

    def numbers(self, values: Iterable[int]) -> int:
        return self.ranges[ranges(values)]

    def header_list(self, headers: Sequence[tuple[str, str]]) -> int:
        return self.headers[tuple(self.texts[part] for pair in headers for part in pair)]

    def run(self, lines: dict[str, frozenset[int]]) -> int:
        pairs = ((self.text(path), self.numbers(lines[path])) for path in sorted(lines))
        return self.runs[tuple(part for pair in pairs for part in pair)]


def ranges(values: Iterable[int]) -> tuple[int, ...]:
    """Return `{1, 2, 3, 7}` as `(1, 3, 7, 7)`."""
    flat: list[int] = []
    for value in sorted(values):
        if flat and value <= flat[-1] + 1:
            flat[-1] = value
        else:
            flat += [value, value]
    return tuple(flat)


def finite(value: float) -> float | str:
    """Return six significant digits; infinity and NaN as words, because JSON has neither."""
    return float(f"{value:.6g}") if math.isfinite(value) else str(value)
