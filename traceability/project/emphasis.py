"""Takes emphasis (`**`, `*`, `_`) out of a line of Markdown; code spans stay as they are.

By hand and not by patterns, because a pattern looks for the end of each mark anew: here each place
is looked at a fixed number of times, whatever the line holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_BACKTICKS = re.compile("`+")
_OPENING = re.compile(r"\*|(?<!\w)_")
_CLOSING = {
    "***": re.compile(r"(?<=\S)\*\*\*"),
    "**": re.compile(r"(?<=\S)\*\*"),
    "*": re.compile(r"(?<=\S)\*"),
    "__": re.compile(r"(?<=\S)__(?!\w)"),
    "_": re.compile(r"(?<=\S)_(?!\w)"),
}
"""For each mark the end of its emphasis; the longest first."""
_CODE = "\0"
"""Stands for a code span while emphasis is taken out."""


def without_emphasis(text: str) -> str:
    """Return a line without emphasis, also inside emphasis."""
    text = text.replace(_CODE, "\ufffd")
    spans = list(code_spans(text))
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    outside = [text[end:start] for end, start in zip(ends, starts, strict=True)]
    pieces = _without_one_level(_without_one_level(_CODE.join(outside))).split(_CODE)
    code = [text[start:end] for start, end in spans]
    return "".join(piece + span for piece, span in zip(pieces, [*code, ""], strict=True)).strip()


def code_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of the code spans: backticks, something, and as many backticks.

    Of a run of backticks, as many open a span as some later run has to close it.
    """
    runs = [found.span() for found in _BACKTICKS.finditer(text)]
    longest = [0] * len(runs)
    """Length of the longest run after each."""
    for index in range(len(runs) - 1, 0, -1):
        longest[index - 1] = max(longest[index], runs[index][1] - runs[index][0])
    index, start = 0, -1
    while index < len(runs):
        first, end = runs[index]
        # What is left of the run between the opening marks and the code must not close it.
        start = max(start, first, end - 2 * longest[index] + 1)
        marks = min(end - start, longest[index])
        index += 1
        if marks > 0:
            while runs[index][1] - runs[index][0] < marks:
                index += 1
            yield start, runs[index][0] + marks
            start = runs[index][0] + marks


def _without_one_level(text: str) -> str:
    kept: list[str] = []
    next_end = dict.fromkeys(_CLOSING, -1)
    """Where the next end of each mark is; it is looked for again only behind it."""
    at = 0
    while opening := _OPENING.search(text, at):
        start = opening.start()
        kept.append(text[at:start])
        at = start + 1
        for mark, closing in _CLOSING.items():
            inner = start + len(mark)
            if not text.startswith(mark, start) or not text[inner : inner + 1].strip():
                continue
            if next_end[mark] <= inner:
                found = closing.search(text, inner + 1)
                next_end[mark] = found.start() if found else len(text)
            if next_end[mark] < len(text):
                kept.append(text[inner : next_end[mark]])
                at = next_end[mark] + len(mark)
                break
        else:
            kept.append(text[start])
    return "".join([*kept, text[at:]])
