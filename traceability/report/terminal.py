"""Renders the matrix for a terminal, at the end of a run: shortfalls come first."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from textwrap import wrap

from traceability.model import Finding, Matrix
from traceability.report import sentences

LISTED_AT_MOST = 40
"""How many shortfalls are listed at most, and how many findings."""


def render(matrix: Matrix, width: int = 80, report: str = "", encoding: str = "utf-8") -> str:
    """Return the summary in lines of at most `width` characters.

    `report` is the path of the page. Characters that `encoding` lacks become question marks.
    """
    text = "".join(f"{line}\n" for line in _lines(matrix, width))
    if report:
        text += f"Report: {report}\n"  # never shortened, so that it can be opened
    return text.encode(encoding, "replace").decode(encoding)


def findings(found: tuple[Finding, ...], width: int = 80) -> str:
    """Return one line for each finding, as `path:line: kind: message`."""
    return "".join(f"{line}\n" for one in found for line in _finding(one, width))


def _lines(matrix: Matrix, width: int) -> Iterator[str]:
    shortfalls = sentences.shortfalls(matrix)
    if shortfalls:
        yield "What falls short"
        for one in shortfalls[:LISTED_AT_MOST]:
            line = f"  {one.requirement.id:<8} {one.verdict:<13} {printable(sentences.reason(one))}"
            yield shortened(line, width)
        yield from _more_line(len(shortfalls))
        yield ""
    yield from _differences(matrix, width)
    if matrix.findings:
        yield "Findings"
        for finding in matrix.findings[:LISTED_AT_MOST]:
            yield from (f"  {line}" for line in _finding(finding, width - 2))
        yield from _more_line(len(matrix.findings))
        yield ""
    names = {kind: sentences.KIND_NAMES.get(kind, kind) for kind in sentences.kinds(matrix)}
    rows = [
        (name, sentences.verdict_counts(sentences.requirements_of_kind(matrix, kind)))
        for kind, name in names.items()
    ]
    rows += [
        ("scenarios", sentences.scenario_counts(matrix)),
        ("code", sentences.traced_lines(matrix)),
    ]
    indent = max(len(name) for name, _ in rows) + 2
    for name, text in rows:
        yield from wrap(f"{name:<{indent}}{text}", width, subsequent_indent=" " * indent)
    yield ""
    yield from wrap(sentences.conclusion(matrix), width)


def _differences(matrix: Matrix, width: int) -> Iterator[str]:
    """Yield each clarification from which the server differs; its requirements are kept."""
    found = sentences.differences(matrix)
    if not found:
        return
    yield "Differs from a clarification, and breaks no sentence of a requirement by it"
    for one in found[:LISTED_AT_MOST]:
        line = f"  {one.clarification.id:<8} {printable(sentences.difference(one))}"
        yield shortened(line, width)
    yield from _more_line(len(found))
    yield ""


def _more_line(number: int) -> Iterator[str]:
    if number > LISTED_AT_MOST:
        yield f"  and {number - LISTED_AT_MOST} more, see the report"


def _finding(finding: Finding, width: int) -> Iterator[str]:
    """Yield a finding; its message has a line of its own where both do not fit into one."""
    place = printable(f"{finding.path}:{finding.line}: {finding.kind}")
    message = printable(finding.message)
    if len(place) + len(message) + 2 <= width:
        yield f"{place}: {message}"
    else:
        yield shortened(place, width)
        yield from wrap(message, width, initial_indent="    ", subsequent_indent="    ")


def printable(text: str) -> str:
    """Return the text in one line, with a question mark for each control character."""
    joined = " ".join(text.split())
    return "".join(
        "?" if unicodedata.category(one) in ("Cc", "Cf", "Cs") else one for one in joined
    )


def shortened(line: str, width: int) -> str:
    """Return the line, with dots at its end where it is longer than `width`."""
    line = line.rstrip()
    return line if len(line) <= width else line[: width - 3].rstrip() + "..."
