"""The data of the page: a Matrix as compact tables, which `static/parts/model.js` reads back.

Texts, sets of lines and lists of headers are each stored once and referred to by their position
(a *ref*), because the same step, header or set of lines occurs in hundreds of scenarios.
A set of integers is written as its ranges, `[first, last, first, last, …]`; times are
microseconds; position 0 of every table is the empty value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from traceability.matrix.difference import Difference
from traceability.model import (
    CodePlace,
    Failure,
    Matrix,
    Spec,
    TracedClarification,
    TracedFile,
    TracedRequirement,
    Verdict,
)
from traceability.project.markdown_blocks import blocks
from traceability.project.spec_items import without_head
from traceability.report.changes import sections, sentence
from traceability.report.page.operations import operations, templates
from traceability.report.page.payload_scenarios import RESULTS, scenario_row
from traceability.report.page.payload_tables import Row, Tables, finite

VERDICTS = list(Verdict)
DIFFER = ("differ from a clarification only", "differs from a clarification only")
"""Of several requirements, and of one."""
BLOCK_KINDS = ["heading", "paragraph", "item", "table", "code"]


def payload(matrix: Matrix, since: Difference | None = None) -> dict[str, Any]:
    """Return the matrix as a value that JSON can hold; `summary` has the fields of `Summary`."""
    return dict(members(matrix, since))


def members(matrix: Matrix, since: Difference | None = None) -> Iterator[tuple[str, Any]]:
    """Yield the members of `payload` one by one: all rows of a large matrix take much memory."""
    tables = Tables()
    positions = {traced.scenario.id: at for at, traced in enumerate(matrix.scenarios)}
    ids = {traced.requirement.id: at for at, traced in enumerate(matrix.requirements)}
    spec = matrix.spec
    yield "title", matrix.title
    yield "sentence", summary_sentence(matrix)
    yield "conformant", matrix.conformant
    yield "acceptable", matrix.acceptable
    yield "strict", matrix.strict
    yield "summary", asdict(matrix.summary)
    yield "environment", _json_value(matrix.environment)
    yield (
        "spec",
        {
            "path": spec.path,
            "title": spec.title,
            "digest": spec.digest,
            "context": list(spec.context_ids),
            "blocks": _blocks(spec, tables),
        },
    )
    yield "verdicts", VERDICTS
    yield "results", RESULTS
    yield "kinds_of_blocks", BLOCK_KINDS
    yield "requirements", [_requirement(each, positions, tables) for each in matrix.requirements]
    yield "clarifications", [_clarification(e, positions, tables) for e in matrix.clarifications]
    yield "failures", [_failure(each, positions, ids, tables) for each in matrix.failures]
    yield "scenarios", [scenario_row(each, tables) for each in matrix.scenarios]
    yield "files", [_file(each, ids, tables) for each in matrix.files]
    yield "changes", None if since is None else _changes(since)
    yield "findings", [[each.kind, each.message, each.path, each.line] for each in matrix.findings]
    yield "operations", _operations(matrix, tables)
    # Last, because all members above add to these tables.
    yield "texts", list(tables.texts)
    yield "ranges", list(tables.ranges)
    yield "headers", list(tables.headers)
    yield "runs", list(tables.runs)


def _changes(since: Difference) -> dict[str, Any]:
    return {
        "sentence": sentence(since),
        "worse": since.worse,
        "sections": [
            [heading, [[each.subject, each.change, each.reason] for each in changes]]
            for heading, changes in sections(since)
        ],
    }


def _operations(matrix: Matrix, tables: Tables) -> list[int]:
    """Return `[path, template, path, template, …]` as refs of texts."""
    path_templates = operations(
        {each.path: None for traced in matrix.scenarios for each in traced.evidence.exchanges},
        templates("\n".join([matrix.spec.text, *(one.text for one in matrix.spec.requirements)])),
    )
    return [tables.text(text) for pair in path_templates.items() for text in pair]


def summary_sentence(matrix: Matrix) -> str:
    """Return the summary in words. Scenarios that did not run are named, never part of a share."""
    total = matrix.summary
    counts = [
        f"{total.verified:,} verified",
        *(
            f"{count:,} {name}"
            for count, name in (
                (total.failed, f"failed{_known_deviations(total.known_deviations, total.failed)}"),
                (total.differs, DIFFER[total.differs == 1]),
                (total.untested, "untested"),
                (total.not_run, "not run"),
                (total.unimplemented, "unimplemented"),
                (total.excluded, "excluded by the spec itself"),
            )
            if count
        ),
    ]
    run = total.scenarios_passed + total.scenarios_failed
    if total.scenarios_not_run:
        scenarios = (
            f"{total.scenarios_passed:,} of {run:,} scenarios that ran passed, "
            f"{total.scenarios_not_run:,} did not run"
        )
    else:
        scenarios = f"{total.scenarios_passed:,} of {total.scenarios:,} scenarios passed"
    lines = (
        f"{total.traced_lines:,} of {total.executable_lines:,} lines of code ran for a requirement"
        if total.executable_lines
        else "no lines of code were measured"
    )
    noun = "requirement" if total.requirements == 1 else "requirements"
    return f"{total.requirements:,} {noun}: {', '.join(counts)}. {scenarios}, and {lines}."


def _known_deviations(known: int, failed: int) -> str:
    if not known:
        return ""
    return " as known" if known == failed else f" ({known:,} of them as known)"


def _blocks(spec: Spec, tables: Tables) -> list[Row | int]:
    """Return a row for each block of the spec: `[kind, line, text, level, marker, requirement]`.

    `requirement` is its position + 1. Most requirements are items of a plain list, with the text
    that the table of requirements has: such a row is the position alone.
    """
    rows: list[Row | int] = []
    positions = {requirement.line: at for at, requirement in enumerate(spec.requirements)}
    for block in blocks(spec.text):
        at = positions.get(block.line)
        row: Row = [BLOCK_KINDS.index(block.kind), block.line, 0, block.level]
        if at is not None:
            statement = without_head(block.text, spec.requirements[at].id)
            if (statement, block.level) == (spec.requirements[at].text, 0) and block.marker == "-":
                rows.append(at)
                continue
            row[2] = tables.text(statement)
            row += [tables.text(block.marker), at + 1]
        else:
            row[2] = tables.text(block.text)
            row += [tables.text(block.marker)] if block.marker else []
        rows.append(row)
    return rows


def _requirement(traced: TracedRequirement, positions: dict[str, int], tables: Tables) -> Row:
    requirement = traced.requirement
    return [
        requirement.id,
        tables.text(requirement.kind),
        tables.text(requirement.text),
        tables.text(requirement.path),
        requirement.line,
        VERDICTS.index(traced.verdict),
        tables.text(traced.reason),
        tables.text(requirement.excluded),
        tables.numbers(positions[each.scenario.id] for each in traced.scenarios),
        [_code_place(place, tables) for place in traced.code],
        tables.text(traced.deviation),
    ]


def _clarification(traced: TracedClarification, positions: dict[str, int], tables: Tables) -> Row:
    clarification = traced.clarification
    return [
        clarification.id,
        tables.text(clarification.text),
        clarification.line,
        traced.outcome,
        tables.numbers(positions[each.scenario.id] for each in traced.scenarios),
        tables.text(clarification.without_scenario),
    ]


def _failure(
    failure: Failure, positions: dict[str, int], ids: dict[str, int], tables: Tables
) -> Row:
    return [
        tables.text(failure.text),
        tables.text(failure.expected),
        tables.text(failure.actual),
        [tables.text(case) for case in failure.cases],
        tables.numbers(positions[id_] for id_ in failure.scenarios),
        tables.numbers(ids[id_] for id_ in failure.requirements if id_ in ids),
        list(failure.clarifications),
    ]


def _code_place(place: CodePlace, tables: Tables) -> Row:
    return [
        tables.text(place.path),
        tables.text(place.symbol),
        place.first_line,
        place.last_line,
        place.claimed + 2 * place.measured,
        tables.numbers(place.lines),
        round(1 / place.specificity) if place.specificity > 0 else 0,
    ]


def _file(traced: TracedFile, ids: dict[str, int], tables: Tables) -> Row:
    source = traced.source
    return [
        tables.text(source.path),
        source.text,
        tables.numbers(source.executable),
        _regions(traced, ids, tables),
        [
            [
                tables.text(definition.symbol),
                definition.first_line,
                definition.last_line,
                [[tables.text(claim.requirement), claim.line] for claim in definition.claims],
                min(definition.body, default=0),
            ]
            for definition in source.definitions
        ],
    ]


def _regions(traced: TracedFile, ids: dict[str, int], tables: Tables) -> list[list[int]]:
    """Return `[first, last, ref of requirements]` for successive lines with equal requirements."""
    regions: list[list[int]] = []
    for line in sorted(traced.source.executable | traced.requirements.keys()):
        served = traced.requirements.get(line, ())
        found = tables.numbers(ids[each] for each in served if each in ids)
        if regions and regions[-1][2] == found:
            regions[-1][1] = line
        else:
            regions.append([line, line, found])
    return [region for region in regions if region[2]]


def _json_value(value: Any) -> Any:
    """Return the value with text for all that JSON cannot hold: an environment is free-form."""
    if isinstance(value, dict):
        return {str(key): _json_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_json_value(item) for item in value]
    if isinstance(value, (str, int)) or value is None:
        return value
    return finite(value) if isinstance(value, float) else str(value)
