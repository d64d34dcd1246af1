"""Renders the matrix as JSON. Its schema is matrix.schema.json, beside this module."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

from traceability.evidence import ranges
from traceability.model import (
    CodePlace,
    Exchange,
    Matrix,
    Measurement,
    StepEvidence,
    TracedFile,
    TracedRequirement,
    TracedScenario,
)

FORMAT = 1


def render(matrix: Matrix) -> str:
    """Return the whole matrix as a JSON document."""
    document = {
        "format": FORMAT,
        "title": matrix.title,
        "conformant": matrix.conformant,
        "acceptable": matrix.acceptable,
        "spec": {
            "path": matrix.spec.path,
            "title": matrix.spec.title,
            "digest": matrix.spec.digest,
            "context_ids": list(matrix.spec.context_ids),
        },
        "features_digest": matrix.features_digest,
        "summary": asdict(matrix.summary),
        "requirements": [_requirement(one) for one in matrix.requirements],
        "scenarios": [_scenario(one) for one in matrix.scenarios],
        "files": [_file(one) for one in matrix.files],
        "findings": [asdict(one) for one in matrix.findings],
        "environment": matrix.environment,
    }
    # ASCII only: a lone surrogate in a recorded body is data, and cannot be written as UTF-8.
    return json.dumps(_finite(document), indent=1, ensure_ascii=True, allow_nan=False) + "\n"


def _finite(value: Any) -> Any:
    """Return the value as JSON can hold it: infinity and NaN as text."""
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_finite(item) for item in value]
    if value is None or isinstance(value, str | int):
        return value
    return value if isinstance(value, float) and math.isfinite(value) else str(value)


def _requirement(traced: TracedRequirement) -> dict[str, Any]:
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
        "code": [_place(one) for one in traced.code],
        "measurements": [
            {"scenario": one.scenario.id} | _measurement(figure)
            for one in traced.scenarios
            for figure in one.evidence.measurements
        ],
    }


def _place(place: CodePlace) -> dict[str, Any]:
    return asdict(place) | {
        "lines": ranges(place.lines),
        "specificity": round(place.specificity, 4),
    }


def _measurement(figure: Measurement) -> dict[str, Any]:
    return asdict(figure) | {"samples": list(figure.samples)}


def _scenario(traced: TracedScenario) -> dict[str, Any]:
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
        "result": evidence.result,
        "reason": evidence.reason,
        "seconds": evidence.seconds,
        "steps": [_step(one) for one in evidence.steps],
        "exchanges": [_exchange(one) for one in evidence.exchanges],
        "measurements": [_measurement(one) for one in evidence.measurements],
    }


def _step(step: StepEvidence) -> dict[str, Any]:
    lines = {path: ranges(step.lines[path]) for path in sorted(step.lines)}
    return asdict(step) | {"lines": lines}


def _exchange(exchange: Exchange) -> dict[str, Any]:
    return asdict(exchange) | {
        "request_headers": [list(pair) for pair in exchange.request_headers],
        "response_headers": [list(pair) for pair in exchange.response_headers],
    }


def _file(traced: TracedFile) -> dict[str, Any]:
    """Return a file; lines of the same requirements are one entry of `lines`."""
    same: dict[tuple[str, ...], list[int]] = {}
    for line in sorted(traced.requirements):
        same.setdefault(traced.requirements[line], []).append(line)
    return {
        "path": traced.source.path,
        "digest": traced.source.digest,
        "executable": ranges(traced.source.executable),
        "traced": ranges(traced.requirements),
        "lines": [
            {"lines": ranges(lines), "requirements": list(ids)} for ids, lines in same.items()
        ],
    }
