"""Placeholders of the corpora: `${name}` for what a run makes, `${text*number}` for long texts."""

from __future__ import annotations

import re
from collections.abc import Mapping

PLACEHOLDER = re.compile(r"\$\{([^{}]*)\}")
REPEATED = re.compile(r"(.+)\*(\d+)", re.DOTALL)
MOST = 8 * 1024 * 1024
"""Bytes that a line may become."""


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replace each placeholder. Raises ValueError for a name that `values` does not have."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name in values:
            return values[name]
        repeated = REPEATED.fullmatch(name)
        if repeated is None:
            known = ", ".join(sorted(values))
            raise ValueError(f"${{{name}}} is no placeholder; there are {known} and text*number")
        if len(repeated[1]) * int(repeated[2]) > MOST:
            raise ValueError(f"${{{name}}} is longer than {MOST} characters; take a lower number")
        return repeated[1] * int(repeated[2])

    return PLACEHOLDER.sub(value, text)
