"""Renders the matrix for the end of a run in a terminal: what falls short comes first."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from traceability import wording
from traceability.model import Finding, Matrix

LIMIT = 40
"""How many shortfalls, and how many findings, are listed at most."""


def render(matrix: Matrix, width: int = 80, report: str = "", encoding: str = "utf-8") -> str:
    """Return the summary in lines of at most `width` characters.

    `report` is where the page lies. What `encoding` cannot write becomes a question mark.
    """
    text = "".join(f"{_cut(line, width)}\n" for line in _lines(matrix, width))
    if report:
        text += f"Report: {report}\n"  # whole: a path that is cut cannot be opened
    return text.encode(encoding, "replace").decode(encoding)


def findings(found: tuple[Finding, ...], width: int = 80) -> str:
    """Return one line for each finding, as `path:line: kind: message`."""
    return "".join(f"{line}\n" for one in found for line in _finding(one, width))


def _lines(matrix: Matrix, width: int) -> Iterator[str]:
    short = wording.short(matrix)
    if short:
        yield "What falls short"
        for one in short[:LIMIT]:
            yield f"  {one.requirement.id:<8} {one.verdict:<13} {_one_line(one.reason)}"
        yield from _more(len(short))
        yield ""
    if matrix.findings:
        yield "Findings"
        for finding in matrix.findings[:LIMIT]:
            yield from (f"  {line}" for line in _finding(finding, width - 2))
        yield from _more(len(matrix.findings))
        yield ""
    names = {kind: wording.KINDS.get(kind, kind) for kind in wording.kinds(matrix)}
    room = max(map(len, names.values()), default=0)
    for kind, name in names.items():
        yield f"{name:<{room}}  {wording.verdicts(wording.of_kind(matrix, kind))}"
    yield f"{'scenarios':<{room}}  {wording.run(matrix)}"
    yield f"{'code':<{room}}  {wording.lines(matrix)}"
    yield ""
    yield wording.conclusion(matrix)


def _more(number: int) -> Iterator[str]:
    if number > LIMIT:
        yield f"  and {number - LIMIT} more, see the report"


def _finding(finding: Finding, width: int) -> Iterator[str]:
    """Yield a finding; its message has a line of its own where both do not fit into one."""
    place = _one_line(f"{finding.path}:{finding.line}: {finding.kind}")
    message = _one_line(finding.message)
    if len(place) + len(message) + 2 <= width:
        yield f"{place}: {message}"
    else:
        yield place
        yield from (f"    {line}" for line in _wrapped(message, width - 4))


def _wrapped(text: str, width: int) -> Iterator[str]:
    line = ""
    for word in text.split(" "):
        if line and len(line) + len(word) + 1 > width:
            yield line
            line = word
        else:
            line = f"{line} {word}".strip()
    yield line


def _one_line(text: str) -> str:
    """Return the text without what would move a terminal's cursor or change its colours."""
    joined = " ".join(text.split())
    return "".join(
        "?" if unicodedata.category(one) in ("Cc", "Cf", "Cs") else one for one in joined
    )


def _cut(line: str, width: int) -> str:
    line = line.rstrip()
    return line if len(line) <= width else line[: width - 3].rstrip() + "..."
