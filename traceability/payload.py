"""What the page knows: a Matrix as compact tables, which `report/model.js` reads back.

Texts, sets of lines and lists of headers are each stored once and referred to by their position
(a *ref*), because the same step, header or set of lines comes back in hundreds of scenarios.
A set of integers is written as its ranges, `[first, last, first, last, …]`; times are
microseconds; position 0 of every table is the empty value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from traceability import difference_reports
from traceability.difference import Difference
from traceability.document import blocks
from traceability.model import (
    CodePlace,
    Exchange,
    Matrix,
    Measurement,
    Requirement,
    Result,
    Scenario,
    ScenarioEvidence,
    Spec,
    StepEvidence,
    TracedFile,
    TracedRequirement,
    TracedScenario,
    Verdict,
)
from traceability.operations import operations, templates

BODY_LIMIT = 8_000
"""Characters of a body that the page keeps; it says how many there were. The evidence has all."""

VERDICTS = list(Verdict)
RESULTS = list(Result)
BLOCKS = ["heading", "paragraph", "item", "table", "code"]

Row = list[Any]


@dataclass
class _Table:
    """Distinct values in the order in which they came, and where each one stands."""

    refs: dict[Any, int]

    def ref(self, value: Any) -> int:
        return self.refs.setdefault(value, len(self.refs))


@dataclass
class _Tables:
    texts: _Table = field(default_factory=lambda: _Table({"": 0}))
    ranges: _Table = field(default_factory=lambda: _Table({(): 0}))
    headers: _Table = field(default_factory=lambda: _Table({(): 0}))
    runs: _Table = field(default_factory=lambda: _Table({(): 0}))

    def text(self, value: str) -> int:
        return self.texts.ref(value)

    def numbers(self, values: Iterable[int]) -> int:
        return self.ranges.ref(ranges(values))

    def header_list(self, headers: Sequence[tuple[str, str]]) -> int:
        return self.headers.ref(tuple(self.text(part) for pair in headers for part in pair))

    def run(self, lines: dict[str, frozenset[int]]) -> int:
        pairs = ((self.text(path), self.numbers(lines[path])) for path in sorted(lines))
        return self.runs.ref(tuple(part for pair in pairs for part in pair))


def payload(matrix: Matrix, since: Difference | None = None) -> dict[str, Any]:
    """The matrix as a value that JSON can hold. `summary` has the fields of `model.Summary`."""
    tables = _Tables()
    positions = {traced.scenario.id: at for at, traced in enumerate(matrix.scenarios)}
    ids = {traced.requirement.id: at for at, traced in enumerate(matrix.requirements)}
    return {
        "title": matrix.title,
        "sentence": sentence(matrix),
        "conformant": matrix.conformant,
        "summary": asdict(matrix.summary),
        "environment": _plain(matrix.environment),
        "spec": {
            "path": matrix.spec.path,
            "title": matrix.spec.title,
            "digest": matrix.spec.digest,
            "context": list(matrix.spec.context_ids),
            "blocks": _blocks(matrix.spec, tables),
        },
        "verdicts": VERDICTS,
        "results": RESULTS,
        "kinds_of_blocks": BLOCKS,
        "requirements": [_requirement(each, positions, tables) for each in matrix.requirements],
        "scenarios": [_scenario(traced, tables) for traced in matrix.scenarios],
        "files": [_file(each, ids, tables) for each in matrix.files],
        "changes": None if since is None else _changes(since),
        "findings": [[each.kind, each.message, each.path, each.line] for each in matrix.findings],
        "operations": _operations(matrix, tables),
        # Last, because everything above has filled them.
        "texts": list(tables.texts.refs),
        "ranges": list(tables.ranges.refs),
        "headers": list(tables.headers.refs),
        "runs": list(tables.runs.refs),
    }


def _changes(since: Difference) -> dict[str, Any]:
    return {
        "sentence": difference_reports.sentence(since),
        "worse": since.worse,
        "sections": [
            [heading, [[each.subject, each.what, each.why] for each in changes]]
            for heading, changes in difference_reports.sections(since)
        ],
    }


def _operations(matrix: Matrix, tables: _Tables) -> list[int]:
    """`[path, form, path, form, …]`"""
    forms = operations(
        {each.path: None for traced in matrix.scenarios for each in traced.evidence.exchanges},
        templates("\n".join([matrix.spec.text, *(one.text for one in matrix.spec.requirements)])),
    )
    return [tables.text(words) for pair in forms.items() for words in pair]


def sentence(matrix: Matrix) -> str:
    """The verdict in words. What did not run is named, and never hidden in a percentage."""
    total = matrix.summary
    counts = [
        f"{total.verified:,} verified",
        *(
            f"{count:,} {name}"
            for count, name in (
                (total.failed, "failed"),
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


def ranges(values: Iterable[int]) -> tuple[int, ...]:
    """`{1, 2, 3, 7}` as `(1, 3, 7, 7)`."""
    flat: list[int] = []
    for value in sorted(values):
        if flat and value <= flat[-1] + 1:
            flat[-1] = value
        else:
            flat += [value, value]
    return tuple(flat)


def _blocks(spec: Spec, tables: _Tables) -> list[Row | int]:
    """`[kind, line, text, level, marker, requirement]`, the last 1 more than its position.

    Most requirements stand in the spec word for word as in the table of requirements, in a plain
    list: of these, the position alone.
    """
    rows: list[Row | int] = []
    places = {stated.line: at for at, stated in enumerate(spec.requirements)}
    for block in blocks(spec.text):
        at = places.get(block.line)
        row: Row = [BLOCKS.index(block.kind), block.line, 0, block.level]
        if at is not None:
            statement = _statement(block.text, spec.requirements[at])
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


def _statement(text: str, requirement: Requirement) -> str:
    """The text of an item without the id that it begins with."""
    return re.sub(
        rf"\*\*{re.escape(requirement.id)}\s*(?::\*\*|\*\*\s*:|\*\*)\s*", "", text, count=1
    )


def _requirement(traced: TracedRequirement, positions: dict[str, int], tables: _Tables) -> Row:
    stated = traced.requirement
    return [
        stated.id,
        tables.text(stated.kind),
        tables.text(stated.text),
        tables.text(stated.path),
        stated.line,
        VERDICTS.index(traced.verdict),
        tables.text(traced.reason),
        tables.text(stated.excluded),
        tables.numbers(positions[each.scenario.id] for each in traced.scenarios),
        [_place(place, tables) for place in traced.code],
    ]


def _place(place: CodePlace, tables: _Tables) -> Row:
    return [
        tables.text(place.path),
        tables.text(place.symbol),
        place.first_line,
        place.last_line,
        place.claimed + 2 * place.measured,
        tables.numbers(place.lines),
        round(1 / place.specificity) if place.specificity > 0 else 0,
    ]


def _scenario(traced: TracedScenario, tables: _Tables) -> Row:
    scenario, evidence = traced.scenario, traced.evidence
    return [
        0 if scenario.id == f"{scenario.feature}:{scenario.line}" else tables.text(scenario.id),
        tables.text(scenario.feature),
        tables.text(scenario.feature_name),
        tables.text(scenario.rule),
        tables.text(scenario.name),
        tables.text(scenario.outline),
        scenario.outline_line,
        -1 if scenario.example is None else scenario.example,
        scenario.line,
        tables.text(" ".join(scenario.tags)),
        RESULTS.index(traced.result),
        tables.text(evidence.reason),
        _microseconds(evidence.seconds),
        _steps(scenario, evidence, tables),
        [_exchange(exchange, tables) for exchange in evidence.exchanges],
        [_measurement(measurement, tables) for measurement in evidence.measurements],
        _prepared(evidence),
    ]


def _prepared(evidence: ScenarioEvidence) -> int:
    """How many steps come before the first that acts: what they call proves nothing."""
    given = (at for at, step in enumerate(evidence.steps) if step.keyword != "Given")
    return next(given, len(evidence.steps))


def _steps(scenario: Scenario, evidence: ScenarioEvidence, tables: _Tables) -> list[Row]:
    """The steps as written, each with what became of it; those never reached are "not run"."""
    steps = []
    for at in range(max(len(scenario.steps), len(evidence.steps))):
        step = evidence.steps[at] if at < len(evidence.steps) else None
        written = scenario.steps[at] if at < len(scenario.steps) else _words(step)
        if step is None:
            steps.append([tables.text(written), RESULTS.index(Result.NOT_RUN), 0])
            continue
        row = [tables.text(written), RESULTS.index(step.result), _microseconds(step.seconds)]
        if step.message or step.lines:
            row += [tables.text(step.message), tables.run(step.lines)]
        steps.append(row)
    return steps


def _words(step: StepEvidence | None) -> str:
    return f"{step.keyword} {step.text}" if step else ""


def _exchange(exchange: Exchange, tables: _Tables) -> Row:
    return [
        exchange.step,
        tables.text(exchange.method),
        tables.text(exchange.path),
        tables.header_list(exchange.request_headers),
        *_body(exchange.request_body, tables),
        exchange.status or 0,
        tables.header_list(exchange.response_headers),
        *_body(exchange.response_body, tables),
        _microseconds(exchange.seconds),
        tables.text(exchange.error),
    ]


def _body(body: str, tables: _Tables) -> tuple[int, int]:
    """The kept part, and how long the whole was."""
    return tables.text(body[:BODY_LIMIT]), len(body)


def _measurement(measurement: Measurement, tables: _Tables) -> Row:
    return [
        measurement.step,
        tables.text(measurement.name),
        _finite(measurement.value),
        tables.text(measurement.unit),
        None if measurement.limit is None else _finite(measurement.limit),
        [_finite(sample) for sample in measurement.samples],
        tables.text(measurement.detail),
    ]


def _file(traced: TracedFile, ids: dict[str, int], tables: _Tables) -> Row:
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


def _regions(traced: TracedFile, ids: dict[str, int], tables: _Tables) -> list[list[int]]:
    """`[first, last, ref of requirements]`: neighbours in executable order with the same ones."""
    regions: list[list[int]] = []
    for line in sorted(traced.source.executable | traced.requirements.keys()):
        shown = traced.requirements.get(line, ())
        found = tables.numbers(ids[each] for each in shown if each in ids)
        if regions and regions[-1][2] == found:
            regions[-1][1] = line
        else:
            regions.append([line, line, found])
    return [region for region in regions if region[2]]


def _microseconds(seconds: float) -> int:
    return round(seconds * 1_000_000) if math.isfinite(seconds) else 0


def _finite(value: float) -> float | str:
    """Six significant digits; JSON has no infinity, so that becomes a word."""
    return float(f"{value:.6g}") if math.isfinite(value) else str(value)


def _plain(value: Any) -> Any:
    """The environment is free-form: whatever JSON cannot hold becomes its text."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if isinstance(value, (str, int)) or value is None:
        return value
    return _finite(value) if isinstance(value, float) else str(value)
