"""Renders the matrix as Markdown that is kept under version control.

It has no time, no version and nothing that varies from run to run, so that an unchanged project has
an unchanged file. Of code it names definitions, and never the lines that ran.
"""

from __future__ import annotations

import html
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
from traceability.report import sentences
from traceability.report.markdown_links import Links, link_target

_CODE_SPAN = re.compile(r"(`[^`]+`)")
_MARKUP = re.compile(r"([\\`*\[\]|$~_])(?<![^\W_]_(?=[^\W_]))")
"""Characters that Markdown would read as markup; an underscore within a word is no markup."""
PLACES_LISTED = 3
"""How many places of code a row lists at most."""


def render(
    matrix: Matrix,
    location: str = "traceability/matrix.md",
    changes: str = "",
    root: str = "/",
    code_root: str = "",
) -> str:
    """Return the document.

    `location` is the path of the file, and may be relative to `root`, the folder of the project; a
    location outside it needs both as absolute paths. `changes` is Markdown with the changes since
    the base run, or empty. `code_root` is the folder of the code that was judged, if it is another.
    """
    links = Links.of(matrix, location, root, code_root)
    text = "\n".join(_document(matrix, links, changes)).rstrip("\n") + "\n"
    return text.encode("utf-8", "replace").decode()  # a message may hold a lone surrogate


def requirement_linker(matrix: Matrix, location: str, root: str = "/") -> Callable[[str], str]:
    """Return a function that makes Markdown of a text: a link of the id of a requirement.

    `location` and `root` are those of `render`.
    """
    requirements = {one.requirement.id: one.requirement for one in matrix.requirements}
    links = Links.of(matrix, location, root)

    def link(text: str) -> str:
        found = requirements.get(text)
        return _link(found.id, found.path, found.line, links) if found else inline(text)

    return link


def _document(matrix: Matrix, links: Links, changes: str) -> Iterator[str]:
    yield f"# {inline(matrix.title)}: traceability matrix"
    yield ""
    conclusion, scenarios = sentences.conclusion(matrix), sentences.scenario_counts(matrix)
    yield f"**{inline(conclusion)}** Scenarios: {inline(scenarios)}."
    yield ""
    columns = _verdict_columns(matrix)
    yield "| kind | ids | " + " | ".join(str(verdict) for verdict in columns) + " |"
    yield "| --- | ---: |" + " ---: |" * len(columns)
    for kind in sentences.kinds(matrix):
        yield _kind_row(matrix, kind)
    yield ""
    if changes:
        yield "## What changed since the base"
        yield ""
        yield changes
    yield from _shortfalls(matrix, links)
    yield from _differences(matrix, links)
    yield from _findings(matrix, links)
    for kind in sentences.kinds(matrix):
        yield f"## {sentences.KIND_NAMES.get(kind, kind).capitalize()} ({inline(kind)})"
        yield ""
        yield "| id | requirement | verdict | scenarios | code |"
        yield "| --- | --- | --- | --- | --- |"
        for traced in sentences.requirements_of_kind(matrix, kind):
            yield _requirement_row(traced, links)
        yield ""


def _verdict_columns(matrix: Matrix) -> list[Verdict]:
    """Return the verdicts of the table: always verified, of the others those that occur."""
    found = {one.verdict for one in matrix.requirements}
    return [Verdict.VERIFIED, *(v for v in Verdict if v in found and v is not Verdict.VERIFIED)]


def _kind_row(matrix: Matrix, kind: str) -> str:
    requirements = sentences.requirements_of_kind(matrix, kind)
    name = sentences.KIND_NAMES.get(kind, kind)
    cells = [
        sum(one.verdict is verdict for one in requirements) for verdict in _verdict_columns(matrix)
    ]
    return f"| {inline(name)} | {len(requirements)} | " + " | ".join(map(str, cells)) + " |"


def _shortfalls(matrix: Matrix, links: Links) -> Iterator[str]:
    shortfalls = sentences.shortfalls(matrix)
    if not shortfalls:
        return
    yield "## What falls short"
    yield ""
    for one in shortfalls:
        link = _link(one.requirement.id, one.requirement.path, one.requirement.line, links)
        yield f"- {link} **{one.verdict}**: {inline(sentences.reason(one))}"
    yield ""


def _differences(matrix: Matrix, links: Links) -> Iterator[str]:
    found = sentences.differences(matrix)
    if not found:
        return
    yield "## What differs from a clarification"
    yield ""
    yield "No sentence of a requirement is broken by it."
    yield ""
    for one in found:
        clarification = one.clarification
        link = _link(clarification.id, clarification.path, clarification.line, links)
        ids = ", ".join(each.requirement.id for each in sentences.requirements_of(matrix, one))
        yield f"- {link} **{one.outcome}**: {inline(clarification.text)}"
        yield f"  - {inline(ids)}: {inline(sentences.difference(one))}"
    yield ""


def _findings(matrix: Matrix, links: Links) -> Iterator[str]:
    if not matrix.findings:
        return
    yield "## Findings"
    yield ""
    for one in matrix.findings:
        link = _link(f"{one.path}:{one.line}", one.path, one.line, links)
        yield f"- **{inline(one.kind)}** {link}: {inline(one.message)}"
    yield ""


def _requirement_row(traced: TracedRequirement, links: Links) -> str:
    requirement = traced.requirement
    verdict = f"**{traced.verdict}**"
    if traced.verdict is Verdict.VERIFIED:
        verdict = str(traced.verdict)
    if traced.verdict is Verdict.EXCLUDED:
        verdict = f"{traced.verdict}: {inline(traced.reason)}"
    cells = [
        _link(requirement.id, requirement.path, requirement.line, links),
        inline(requirement.text),
        verdict,
        "<br>".join(_scenario_links(traced.scenarios, links)),
        "<br>".join(_code_links(traced.code, links)),
    ]
    return f"| {' | '.join(cells)} |"


def _scenario_links(scenarios: Iterable[TracedScenario], links: Links) -> Iterator[str]:
    """Yield a link for each scenario as it is written: one for all examples of an outline."""
    outlines: dict[tuple[str, int], list[TracedScenario]] = {}
    for one in scenarios:
        outlines.setdefault((one.scenario.feature, one.scenario.outline_line), []).append(one)
    for (path, line), rows in sorted(outlines.items()):
        first = rows[0].scenario
        examples = "" if first.example is None else f" ({sentences.plural(len(rows), 'example')})"
        results = [
            f"{sum(row.result is result for row in rows)} {result}"
            for result in (Result.FAILED, Result.NOT_RUN)
            if any(row.result is result for row in rows)
        ]
        not_passed = f" **{', '.join(results)}**" if results else ""
        resting = _resting(rows)
        yield _link(first.outline, path, line, links) + examples + resting + not_passed


def _resting(rows: list[TracedScenario]) -> str:
    """Return on which clarifications the examples of an outline rest, if any of them does."""
    resting = [row for row in rows if row.clarifications]
    ids = ", ".join(dict.fromkeys(id_ for row in resting for id_ in row.clarifications))
    if not ids:
        return ""
    part = "" if len(resting) == len(rows) else f"{len(resting)} of them "
    return f" ({part}on {inline(ids)})"


def _code_links(code: Iterable[CodePlace], links: Links) -> Iterator[str]:
    """Yield the claimed places. Other code that ran can vary from run to run; the page has it."""
    claimed = sorted(
        (place for place in code if place.claimed), key=lambda one: (one.path, one.first_line)
    )
    for place in claimed[:PLACES_LISTED]:
        yield _link(f"`{place.symbol}`", place.path, place.first_line, links)
    if len(claimed) > PLACES_LISTED:
        yield f"+{len(claimed) - PLACES_LISTED} more"


def _link(text: str, path: str, line: int, links: Links) -> str:
    return f"[{inline(text)}]({link_target(path, links)}#L{line})"


def inline(text: str) -> str:
    """Return Markdown that shows the text as it is, also in a table; code spans stay code spans."""
    parts = _CODE_SPAN.split(" ".join(text.split()))
    return "".join(
        part.replace("|", "\\|")
        if part[:1] == "`" == part[-1:] and len(part) > 2
        else _escaped(part)
        for part in parts
    )


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", html.escape(text, quote=False))
