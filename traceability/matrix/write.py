"""Renders the matrix as JSON. Its schema is matrix.schema.json, in this folder."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from traceability.evidence.file_format import format_line_ranges
from traceability.model import (
    CodePlace,
    Failure,
    Matrix,
    StepEvidence,
    TracedClarification,
    TracedFile,
    TracedRequirement,
    TracedScenario,
)

FORMAT = 1


def render_json(matrix: Matrix) -> str:
    """Return the matrix as a JSON document, with a line for each item of its lists."""
    return "".join(json_parts(matrix))


def json_parts(matrix: Matrix) -> Iterator[str]:
    """Yield the document in parts: as one text, it can take more memory than the matrix."""
    document: dict[str, Any] = {
        "format": FORMAT,
        "title": matrix.title,
        "conformant": matrix.conformant,
        "acceptable": matrix.acceptable,
        "strict": matrix.strict,
        "spec": {
            "path": matrix.spec.path,
            "title": matrix.spec.title,
            "digest": matrix.spec.digest,
            "context_ids": list(matrix.spec.context_ids),
        },
        "features_digest": matrix.features_digest,
        "summary": vars(matrix.summary),
        "requirements": map(_requirement_object, matrix.requirements),
        "clarifications": map(_clarification_object, matrix.clarifications),
        "failures": [_failure_object(one) for one in matrix.failures],
        "scenarios": map(_scenario_object, matrix.scenarios),
        "files": map(_file_object, matrix.files),
        "findings": map(vars, matrix.findings),
        "environment": matrix.environment,
    }
    for at, (name, value) in enumerate(document.items()):
        yield f"{',' if at else '{'}\n{_encode(name)}: "
        yield from _value_parts(value)
    yield "\n}\n"


def _value_parts(value: Any) -> Iterator[str]:
    """Yield a value; of an iterator, item by item, so that only one is in memory as an object."""
    if not isinstance(value, Iterator):
        yield _encode(value)
        return
    yield "[\n"
    for at, item in enumerate(value):
        yield ",\n" * (at > 0) + _encode(item)
    yield "\n]"


def _encode(value: Any) -> str:
    try:
        return _ENCODER.encode(value)
    except (TypeError, ValueError):
        return _ENCODER.encode(_as_json_value(value))


# ASCII only: a recorded body may hold a lone surrogate, which cannot be written as UTF-8.
_ENCODER = json.JSONEncoder(ensure_ascii=True, allow_nan=False)


def _as_json_value(value: Any) -> Any:
    """Return the value as JSON can hold it: infinity, NaN and other types as text."""
    if isinstance(value, dict):
        return {str(key): _as_json_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_as_json_value(item) for item in value]
    if value is None or isinstance(value, str | int):
        return value
    return value if isinstance(value, float) and math.isfinite(value) else str(value)


def _requirement_object(traced: TracedRequirement) -> dict[str, Any]:
    requirement = traced.requirement
    return {
        "id": requirement.id,
        "kind": requirement.kind,
        "text": requirement.text,
        "path": requirement.path,
        "line": requirement.line,
        "verdict": traced.verdict,
        "reason": traced.reason,
        "deviation": traced.deviation,
        "differs_from": list(traced.differs_from),
        "scenarios": [
            {
                "id": one.scenario.id,
                "name": one.scenario.name,
                "feature": one.scenario.feature,
                "line": one.scenario.line,
                "result": one.result,
                "seconds": one.evidence.seconds,
            }
            for one in traced.scenarios
        ],
        "code": [_place_object(one) for one in traced.code],
        "measurements": [
            {"scenario": one.scenario.id} | vars(measurement)
            for one in traced.scenarios
            for measurement in one.evidence.measurements
        ],
    }


def _clarification_object(traced: TracedClarification) -> dict[str, Any]:
    clarification = traced.clarification
    return {
        "id": clarification.id,
        "text": clarification.text,
        "path": clarification.path,
        "line": clarification.line,
        "without_scenario": clarification.without_scenario,
        "outcome": traced.outcome,
        "scenarios": [one.scenario.id for one in traced.scenarios],
    }


def _place_object(place: CodePlace) -> dict[str, Any]:
    return vars(place) | {
        "lines": format_line_ranges(place.lines),
        "specificity": round(place.specificity, 4),
    }


def _scenario_object(traced: TracedScenario) -> dict[str, Any]:
    scenario, evidence = traced.scenario, traced.evidence
    return {
        "id": scenario.id,
        "name": scenario.name,
        "outline": scenario.outline,
        "example": scenario.example,
        "feature": scenario.feature,
        "feature_name": scenario.feature_name,
        "rule": scenario.rule,
        "line": scenario.line,
        "tags": list(scenario.tags),
        "clarifications": list(traced.clarifications),
        "result": evidence.result,
        "reason": evidence.reason,
        "seconds": evidence.seconds,
        "steps": [_step_object(one) for one in evidence.steps],
        "exchanges": [vars(one) for one in evidence.exchanges],
        "measurements": [vars(one) for one in evidence.measurements],
        "log": evidence.log,
    }


def _failure_object(failure: Failure) -> dict[str, Any]:
    return {"text": failure.text, **vars(failure)}


def _step_object(step: StepEvidence) -> dict[str, Any]:
    lines = {path: format_line_ranges(step.lines[path]) for path in sorted(step.lines)}
    return vars(step) | {"lines": lines, "mismatches": [vars(one) for one in step.mismatches]}


def _file_object(traced: TracedFile) -> dict[str, Any]:
    """Return a file; lines with the same requirements are one entry of `lines`."""
    same: dict[tuple[str, ...], list[int]] = {}
    for line in sorted(traced.requirements):
        same.setdefault(traced.requirements[line], []).append(line)
    return {
        "path": traced.source.path,
        "digest": traced.source.digest,
        "executable": format_line_ranges(traced.source.executable),
        "traced": format_line_ranges(traced.requirements),
        "lines": [
            {"lines": format_line_ranges(lines), "requirements": list(ids)}
            for ids, lines in same.items()
        ],
    }
