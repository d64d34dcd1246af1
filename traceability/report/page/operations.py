"""Maps paths of requests to the path templates of their operations."""

from __future__ import annotations

import re
from collections.abc import Iterable

PARAMETER = "{id}"
SEGMENT_LIMIT = 50
"""More segments than the path of an operation has; in a longer path, words are left as they are."""

# A segment that is data and no part of a route: a UUID, a number, a long random word, escapes.
_OPAQUE_SEGMENT = re.compile(
    r"""
    [0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}   # a UUID
    | \d+                                          # a serial number
    | (?s:.*%[0-9a-f]{2}.*)                        # escaped: data, not a route
    | (?=.*\d)(?=.*[a-z])[\w~.-]{8,}               # letters and digits mixed, and not short
    | (?!.*[-_].*[-_])[\w~-]{24,}                  # one long word
    | .{65,}                                       # too long for a part of a route
    """,
    re.IGNORECASE | re.VERBOSE,
)


_TEMPLATE = re.compile(r"(?<![\w/}])(?:/(?:\{[^{}/\s]+\}|[\w.~-]*[\w~-]))+")
"""A path in a text, such as `/shops/{shop_id}/items`."""


def templates(text: str) -> tuple[str, ...]:
    """Return the path templates in a text, each once."""
    lines = (line for line in text.splitlines() if "{" in line)  # few lines, which saves time
    paths = (path for line in lines for path in _TEMPLATE.findall(line))
    return tuple(dict.fromkeys(path for path in paths if "{" in path))


def operations(paths: Iterable[str], known: Iterable[str] = ()) -> dict[str, str]:
    """Return each path with its template: `/shops/7/items?x=1` with `/shops/{id}/items`.

    If a `known` template such as `/shops/{shop_id}/items` matches, it is that one; of several, the
    one with the fewest parameters. Otherwise each opaque segment is a parameter, and so is a
    readable one where other paths, equal in all other segments, have an opaque one:
    `/shops/nobody/items` is the same operation. That does not hold for the last segment, because a
    word there (`/shops/search`) is mostly an operation of its own.
    """
    split = {path: _segments(path) for path in paths}
    opaque = {
        tuple(_parameter_or_word(segment) for segment in segments) for segments in split.values()
    }
    by_length: dict[int, list[list[str]]] = {}
    for template in sorted(known, key=lambda one: one.count("{")):
        by_length.setdefault(template.count("/") + 1, []).append(template.split("/"))
    return {
        path: "/".join(
            _matching_template(segments, by_length) or _with_parameters(segments, opaque)
        )
        for path, segments in split.items()
    }


def _matching_template(segments: list[str], known: dict[int, list[list[str]]]) -> list[str] | None:
    for template in known.get(len(segments), ()):
        pairs = zip(template, segments, strict=True)
        if all(part == segment or ("{" in part and segment) for part, segment in pairs):
            return template
    return None


def _segments(path: str) -> list[str]:
    return re.split(r"[?#]", path, maxsplit=1)[0].split("/")


def _parameter_or_word(segment: str) -> str:
    return PARAMETER if _OPAQUE_SEGMENT.fullmatch(segment) else segment


def _with_parameters(segments: list[str], known: set[tuple[str, ...]]) -> list[str]:
    general = [_parameter_or_word(segment) for segment in segments]
    for position in range(1, len(general) - 1 if len(general) <= SEGMENT_LIMIT else 0):
        candidate = [*general[:position], PARAMETER, *general[position + 1 :]]
        if tuple(candidate) in known:
            general = candidate
    return general
