"""The data of the page says the same as the matrix, in fewer bytes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.traceability.report.page.matrices import Size, matrix
from traceability.model import Matrix, Result, TracedScenario
from traceability.report.page.payload import payload, summary_sentence
from traceability.report.page.payload_scenarios import BODY_LIMIT
from traceability.report.page.payload_tables import ranges


def first_passed(trace: Matrix) -> TracedScenario:
    return next(each for each in trace.scenarios if each.result is Result.PASSED)


def with_one_scenario(trace: Matrix, scenario: TracedScenario, **environment: Any) -> Matrix:
    """Return the matrix with one scenario and no requirement; its summary stays."""
    return replace(
        trace, scenarios=(scenario,), requirements=(), clarifications=(), environment=environment
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [((), ()), ((5,), (5, 5)), ((3, 1, 2, 7), (1, 3, 7, 7)), ((1, 3), (1, 1, 3, 3))],
)
def test_ranges(values: tuple[int, ...], expected: tuple[int, ...]) -> None:
    assert ranges(values) == expected


def test_texts_are_stored_once() -> None:
    texts = payload(matrix())["texts"]
    assert len(texts) == len(set(texts))


def test_a_requirement_points_at_its_scenarios() -> None:
    trace = matrix()
    data = payload(trace)
    for row, traced in zip(data["requirements"], trace.requirements, strict=True):
        flat = data["ranges"][row[8]]
        at = [n for a, b in zip(flat[::2], flat[1::2], strict=True) for n in range(a, b + 1)]
        assert [trace.scenarios[n].scenario.id for n in at] == [
            each.scenario.id for each in traced.scenarios
        ]


def test_steps_after_a_failure_are_not_run() -> None:
    trace = matrix()
    data = payload(trace)
    at = next(n for n, each in enumerate(trace.scenarios) if each.result is Result.FAILED)
    results = [data["results"][step[1]] for step in data["scenarios"][at][13]]
    assert results == ["passed", "passed", "failed", "not run"]


def test_a_long_body_is_cut_and_says_how_long_it_was() -> None:
    trace = matrix()
    scenario = first_passed(trace)
    long = replace(scenario.evidence.exchanges[0], response_body="x" * (BODY_LIMIT + 5))
    evidence = replace(scenario.evidence, exchanges=(long,))
    data = payload(with_one_scenario(trace, replace(scenario, evidence=evidence)))
    exchange = data["scenarios"][0][14][0]
    assert data["texts"][exchange[8]] == "x" * BODY_LIMIT
    assert exchange[9] == BODY_LIMIT + 5


def test_values_that_json_cannot_hold_become_text() -> None:
    trace = matrix()
    scenario = next(each for each in trace.scenarios if each.evidence.measurements)
    figure = replace(scenario.evidence.measurements[0], value=float("inf"), samples=(float("nan"),))
    evidence = replace(scenario.evidence, measurements=(figure,))
    data = payload(
        with_one_scenario(trace, replace(scenario, evidence=evidence), load=float("nan"), of={1})
    )
    assert data["scenarios"][0][15][0][2] == "inf"
    assert data["environment"] == {"load": "nan", "of": [1]}
    json.dumps(data, allow_nan=False)


def test_a_line_names_every_requirement_that_it_ran_for() -> None:
    trace = matrix()
    data = payload(trace)
    for row, traced in zip(data["files"], trace.files, strict=True):
        shown: dict[int, set[str]] = {}
        executable = traced.source.executable
        for first, last, found in row[3]:
            flat = data["ranges"][found]
            ids = [
                data["requirements"][at][0]
                for a, b in zip(flat[::2], flat[1::2], strict=True)
                for at in range(a, b + 1)
            ]
            shown |= {n: set(ids) for n in range(first, last + 1) if n in executable}
        assert shown == {line: set(ids) for line, ids in traced.requirements.items()}


def test_scenarios_that_did_not_run_are_not_counted_as_passed() -> None:
    words = summary_sentence(matrix(Size(100)))
    assert "182 of 186 scenarios that ran passed, 2 did not run" in words


def test_an_empty_trace_claims_nothing() -> None:
    trace = matrix()
    zero = replace(trace.summary, **dict.fromkeys(vars(trace.summary), 0))
    words = summary_sentence(replace(trace, summary=zero))
    assert words.startswith("0 requirements: 0 verified. 0 of 0 scenarios passed")
    assert "no lines of code were measured" in words
