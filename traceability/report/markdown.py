"""Renders the matrix as Markdown that is kept under version control.

It has no time, no version and nothing that varies from run to run: when nothing has changed, the
file has not either. Of code it names definitions and never the lines that ran.
"""

from __future__ import annotations

import functools
import html
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator

from traceability.model import (
    CodePlace,
    Matrix,
    Result,
    TracedRequirement,
    TracedScenario,
    Verdict,
)
from traceability.report import sentences as wording

_SPAN = re.compile(r"(`[^`]+`)")
_MARK = re.compile(r"([\\`*\[\]|$~_])(?<![^\W_]_(?=[^\W_]))")
"""What Markdown would read as a mark; an underscore within a word is none."""
PLACES = 3
"""How many places of code a row names at most."""


def render(matrix: Matrix, location: str = "traceability/matrix.md", changes: str = "") -> str:
    """Return the document. `location` is where it will stand: links lead from there.

    `changes` is Markdown that says what is otherwise than in the run that this one is held against.
    """
    folder = posixpath.dirname(location)
    text = "\n".join(_document(matrix, folder, changes)).rstrip("\n") + "\n"
    return text.encode("utf-8", "replace").decode()  # a message may hold a lone surrogate


def linker(matrix: Matrix, location: str) -> Callable[[str], str]:
    """Return what makes a link of the id of a requirement, and plain Markdown of anything else."""
    stated = {one.requirement.id: one.requirement for one in matrix.requirements}
    folder = posixpath.dirname(location)

    def link(words: str) -> str:
        found = stated.get(words)
        return _link(found.id, found.path, found.line, folder) if found else inline(words)

    return link


def _document(matrix: Matrix, folder: str, changes: str) -> Iterator[str]:
    yield f"# {inline(matrix.title)}: traceability matrix"
    yield ""
    yield f"**{inline(wording.conclusion(matrix))}** Scenarios: {inline(wording.run(matrix))}."
    yield ""
    yield "| kind | ids | " + " | ".join(str(verdict) for verdict in _columns(matrix)) + " |"
    yield "| --- | ---: |" + " ---: |" * len(_columns(matrix))
    for kind in wording.kinds(matrix):
        yield _counts(matrix, kind)
    yield ""
    if changes:
        yield "## What changed since the base"
        yield ""
        yield changes
    yield from _short(matrix, folder)
    yield from _findings(matrix, folder)
    for kind in wording.kinds(matrix):
        yield f"## {wording.KINDS.get(kind, kind).capitalize()} ({inline(kind)})"
        yield ""
        yield "| id | requirement | verdict | scenarios | code |"
        yield "| --- | --- | --- | --- | --- |"
        for traced in wording.of_kind(matrix, kind):
            yield _row(traced, folder)
        yield ""


def _columns(matrix: Matrix) -> list[Verdict]:
    """Return the verdicts of the table: always verified, of the others those that occur."""
    found = {one.verdict for one in matrix.requirements}
    return [Verdict.VERIFIED, *(v for v in Verdict if v in found and v is not Verdict.VERIFIED)]


def _counts(matrix: Matrix, kind: str) -> str:
    its = wording.of_kind(matrix, kind)
    name = wording.KINDS.get(kind, kind)
    cells = [sum(one.verdict is verdict for one in its) for verdict in _columns(matrix)]
    return f"| {inline(name)} | {len(its)} | " + " | ".join(map(str, cells)) + " |"


def _short(matrix: Matrix, folder: str) -> Iterator[str]:
    short = wording.short(matrix)
    if not short:
        return
    yield "## What falls short"
    yield ""
    for one in short:
        place = _link(one.requirement.id, one.requirement.path, one.requirement.line, folder)
        yield f"- {place} **{one.verdict}**: {inline(wording.reason(one))}"
    yield ""


def _findings(matrix: Matrix, folder: str) -> Iterator[str]:
    if not matrix.findings:
        return
    yield "## Findings"
    yield ""
    for one in matrix.findings:
        place = _link(f"{one.path}:{one.line}", one.path, one.line, folder)
        yield f"- **{inline(one.kind)}** {place}: {inline(one.message)}"
    yield ""


def _row(traced: TracedRequirement, folder: str) -> str:
    requirement = traced.requirement
    verdict = f"**{traced.verdict}**"
    if traced.verdict is Verdict.VERIFIED:
        verdict = str(traced.verdict)
    if traced.verdict is Verdict.EXCLUDED:
        verdict = f"{traced.verdict}: {inline(traced.reason)}"
    cells = [
        _link(requirement.id, requirement.path, requirement.line, folder),
        inline(requirement.text),
        verdict,
        "<br>".join(_scenarios(traced.scenarios, folder)),
        "<br>".join(_code(traced.code, folder)),
    ]
    return f"| {' | '.join(cells)} |"


def _scenarios(scenarios: Iterable[TracedScenario], folder: str) -> Iterator[str]:
    """Yield one link for each scenario as it is written; the rows of an outline are one."""
    outlines: dict[tuple[str, int], list[TracedScenario]] = {}
    for one in scenarios:
        outlines.setdefault((one.scenario.feature, one.scenario.outline_line), []).append(one)
    for (path, line), rows in sorted(outlines.items()):
        first = rows[0].scenario
        examples = "" if first.example is None else f" ({wording.count(len(rows), 'example')})"
        results = [
            f"{sum(row.result is result for row in rows)} {result}"
            for result in (Result.FAILED, Result.NOT_RUN)
            if any(row.result is result for row in rows)
        ]
        short = f" **{', '.join(results)}**" if results else ""
        yield _link(first.outline, path, line, folder) + examples + short


def _code(code: Iterable[CodePlace], folder: str) -> Iterator[str]:
    """Yield the claimed places. What else ran can vary from run to run, and is in the report."""
    claimed = sorted(
        (place for place in code if place.claimed), key=lambda one: (one.path, one.first_line)
    )
    for place in claimed[:PLACES]:
        yield _link(f"`{place.symbol}`", place.path, place.first_line, folder)
    if len(claimed) > PLACES:
        yield f"+{len(claimed) - PLACES} more"


def _link(text: str, path: str, line: int, folder: str) -> str:
    return f"[{inline(text)}]({_target(path, folder)}#L{line})"


@functools.cache  # thousands of links lead to a few files
def _target(path: str, folder: str) -> str:
    target = posixpath.relpath(path, folder or ".")
    target = re.sub(
        r"[^\w./~-]", lambda found: "".join(f"%{b:02X}" for b in found[0].encode()), target
    )
    plain = "?plain=1" if path.endswith(".md") else ""  # rendered Markdown has no line numbers
    return f"{target}{plain}"


def inline(text: str) -> str:
    """Return text that a table cell shows as it is; code spans stay code spans."""
    parts = _SPAN.split(" ".join(text.split()))
    return "".join(
        part.replace("|", "\\|")
        if part[:1] == "`" == part[-1:] and len(part) > 2
        else _escaped(part)
        for part in parts
    )


def _escaped(text: str) -> str:
    return _MARK.sub(r"\\\1", html.escape(text, quote=False))
