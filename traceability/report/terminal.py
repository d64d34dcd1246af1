"""Renders the matrix for the end of a run in a terminal: what falls short comes first."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from textwrap import wrap

from traceability.model import Finding, Matrix
from traceability.report import sentences as wording

LIMIT = 40
"""How many shortfalls, and how many findings, are listed at most."""


def render(matrix: Matrix, width: int = 80, report: str = "", encoding: str = "utf-8") -> str:
    """Return the summary in lines of at most `width` characters.

    `report` is where the page lies. What `encoding` cannot write becomes a question mark.
    """
    text = "".join(f"{line}\n" for line in _lines(matrix, width))
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
            line = f"  {one.requirement.id:<8} {one.verdict:<13} {one_line(wording.reason(one))}"
            yield cut(line, width)
        yield from _more(len(short))
        yield ""
    if matrix.findings:
        yield "Findings"
        for finding in matrix.findings[:LIMIT]:
            yield from (f"  {line}" for line in _finding(finding, width - 2))
        yield from _more(len(matrix.findings))
        yield ""
    names = {kind: wording.KINDS.get(kind, kind) for kind in wording.kinds(matrix)}
    rows = [(name, wording.verdicts(wording.of_kind(matrix, kind))) for kind, name in names.items()]
    rows += [("scenarios", wording.run(matrix)), ("code", wording.lines(matrix))]
    room = max(len(name) for name, _ in rows) + 2
    for name, text in rows:
        yield from wrap(f"{name:<{room}}{text}", width, subsequent_indent=" " * room)
    yield ""
    yield from wrap(wording.conclusion(matrix), width)


def _more(number: int) -> Iterator[str]:
    if number > LIMIT:
        yield f"  and {number - LIMIT} more, see the report"


def _finding(finding: Finding, width: int) -> Iterator[str]:
    """Yield a finding; its message has a line of its own where both do not fit into one."""
    place = one_line(f"{finding.path}:{finding.line}: {finding.kind}")
    message = one_line(finding.message)
    if len(place) + len(message) + 2 <= width:
        yield f"{place}: {message}"
    else:
        yield cut(place, width)
        yield from wrap(message, width, initial_indent="    ", subsequent_indent="    ")


def one_line(text: str) -> str:
    """Return the text without what would move a terminal's cursor or change its colours."""
    joined = " ".join(text.split())
    return "".join(
        "?" if unicodedata.category(one) in ("Cc", "Cf", "Cs") else one for one in joined
    )


def cut(line: str, width: int) -> str:
    """Return the line, with dots at its end where it is longer than `width`."""
    line = line.rstrip()
    return line if len(line) <= width else line[: width - 3].rstrip() + "..."
