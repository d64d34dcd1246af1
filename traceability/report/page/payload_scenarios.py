"""The row of a scenario in `payload`, which `static/parts/model.js` reads back."""

from __future__ import annotations

import math

from traceability.model import (
    Exchange,
    Measurement,
    Mismatch,
    Result,
    Scenario,
    ScenarioEvidence,
    StepEvidence,
    TracedScenario,
)
from traceability.report.page.payload_tables import Row, Tables, finite

BODY_LIMIT = 8_000
"""Characters of a body that the page has, with the length of the whole; the evidence has all."""

RESULTS = list(Result)


def scenario_row(traced: TracedScenario, tables: Tables) -> Row:
    """Return the scenario with its steps, exchanges and measurements."""
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
        _given_steps(evidence),
        tables.text(evidence.log),
    ]


def _given_steps(evidence: ScenarioEvidence) -> int:
    """Return how many Given steps come first: exchanges of these are no evidence."""
    given = (at for at, step in enumerate(evidence.steps) if step.keyword != "Given")
    return next(given, len(evidence.steps))


def _steps(scenario: Scenario, evidence: ScenarioEvidence, tables: Tables) -> list[Row]:
    """Return the steps as written, each with its result; a step not reached is "not run"."""
    steps = []
    for at in range(max(len(scenario.steps), len(evidence.steps))):
        step = evidence.steps[at] if at < len(evidence.steps) else None
        written = scenario.steps[at] if at < len(scenario.steps) else _step_text(step)
        if step is None:
            steps.append([tables.text(written), RESULTS.index(Result.NOT_RUN), 0])
            continue
        row: Row = [tables.text(written), RESULTS.index(step.result), _microseconds(step.seconds)]
        if step.message or step.lines:
            row += [tables.text(step.message), tables.run(step.lines)]
        if step.mismatches:
            row += [[_mismatch(each, tables) for each in step.mismatches]]
        steps.append(row)
    return steps


def _mismatch(mismatch: Mismatch, tables: Tables) -> Row:
    texts = (mismatch.text, mismatch.expected, mismatch.actual)
    return [tables.text(text) for text in texts]


def _step_text(step: StepEvidence | None) -> str:
    return f"{step.keyword} {step.text}" if step else ""


def _exchange(exchange: Exchange, tables: Tables) -> Row:
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
        tables.text(exchange.log),
    ]


def _body(body: str, tables: Tables) -> tuple[int, int]:
    """Return the ref of the part of a body that the page has, and the length of the whole."""
    return tables.text(body[:BODY_LIMIT]), len(body)


def _measurement(measurement: Measurement, tables: Tables) -> Row:
    return [
        measurement.step,
        tables.text(measurement.name),
        finite(measurement.value),
        tables.text(measurement.unit),
        None if measurement.limit is None else finite(measurement.limit),
        [finite(sample) for sample in measurement.samples],
        tables.text(measurement.detail),
    ]


def _microseconds(seconds: float) -> int:
    return round(seconds * 1_000_000) if math.isfinite(seconds) else 0
