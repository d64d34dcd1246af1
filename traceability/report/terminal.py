"""Renders the matrix for a terminal, at the end of a run: shortfalls come first."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from textwrap import wrap

from traceability.model import Finding, Matrix, Verdict
from traceability.report import sentences

LINES_AT_MOST = 56
"""Lines of the whole summary: with the paths of the reports, it fits on one screen of 60."""
DIFFERENCES_LISTED = 10
"""How many clarifications from which the server differs are listed at most."""
FINDINGS_LISTED = 8
"""How many findings are listed at most."""


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
    findings, totals = list(_findings(matrix, width)), list(_totals(matrix, width))
    conclusion = wrap(sentences.conclusion(matrix), width)
    differences = list(_differences(matrix, width))
    kept = len(findings) + len(conclusion) + len(differences)
    entries = sentences.grouped_shortfalls(matrix)
    listed = _listed(entries, width, LINES_AT_MOST - kept - len(totals))
    if len(listed) > LINES_AT_MOST - kept - len(totals):
        # The table of kinds is less than the reasons: the page has it, too.
        totals = totals[len(sentences.kinds(matrix)) :]
        entries = sentences.merged_shortfalls(entries)
        listed = _listed(entries, width, LINES_AT_MOST - kept - len(totals), cut=True)
    yield from [*listed, *differences, *findings, *totals, *conclusion]


def _listed(
    entries: Sequence[sentences.Shortfall], width: int, limit: int, *, cut: bool = False
) -> list[str]:
    """Return the shortfalls, each reason once, by verdict; with `cut`, at most `limit` lines."""
    lines = ["What falls short"] if entries else []
    for at, entry in enumerate(entries):
        more = [] if at and entries[at - 1].verdict is entry.verdict else [f"{entry.verdict}:"]
        more += _entry(entry, width)
        if cut and len(lines) + len(more) > limit - 4:
            lines += _left_out(entries[:at], entries[at:], width)
            break
        lines += more
    return [*lines, ""] if lines else []


def _left_out(
    listed: Sequence[sentences.Shortfall], others: Sequence[sentences.Shortfall], width: int
) -> list[str]:
    """Return how many reasons are not listed, and which requirements fail by these alone."""
    named = {id_ for one in listed for id_ in one.ids}
    failed = (one for one in others if one.verdict is Verdict.FAILED)
    ids = dict.fromkeys(id_ for one in failed for id_ in one.ids if id_ not in named)
    of = f", of {', '.join(ids)}" if ids else ""
    text = f"  and {sentences.plural(len(others), 'more reason')}{of}: see the report"
    return wrap(text, width, subsequent_indent="    ")


def _entry(entry: sentences.Shortfall, width: int) -> list[str]:
    """Return one reason in one line, and below it the other requirements that it is true of."""
    first, *others = entry.ids
    reason = entry.reason if len(entry.reason) <= width - 11 else entry.short_reason
    lines = [shortened(f"  {first:<8} {printable(reason)}", width)]
    if others:
        indent = " " * 11
        lines += wrap(
            f"also {', '.join(others)}",
            width,
            initial_indent=indent,
            subsequent_indent=f"{indent}     ",
        )
    return lines


def _findings(matrix: Matrix, width: int) -> Iterator[str]:
    if not matrix.findings:
        return
    yield "Findings"
    for finding in matrix.findings[:FINDINGS_LISTED]:
        yield from (f"  {line}" for line in _finding(finding, width - 2))
    if len(matrix.findings) > FINDINGS_LISTED:
        yield f"  and {len(matrix.findings) - FINDINGS_LISTED} more, see the report"
    yield ""


def _totals(matrix: Matrix, width: int) -> Iterator[str]:
    """Yield the counts of each kind of requirements, of scenarios and of code."""
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


def _differences(matrix: Matrix, width: int) -> Iterator[str]:
    """Yield each clarification from which the server differs; its requirements are kept."""
    found = sentences.differences(matrix)
    if not found:
        return
    yield "Differs from a clarification, and breaks no sentence of a requirement by it"
    for one in found[:DIFFERENCES_LISTED]:
        line = f"  {one.clarification.id:<8} {printable(sentences.difference(one))}"
        yield shortened(line, width)
    if len(found) > DIFFERENCES_LISTED:
        yield f"  and {len(found) - DIFFERENCES_LISTED} more, see the report"
    yield ""


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
