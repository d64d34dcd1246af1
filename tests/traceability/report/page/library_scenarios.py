"""The scenarios of the made-up library, each with its steps, an exchange and measurements."""

from __future__ import annotations

import random

from tests.traceability.report.page.library_code import function_place
from tests.traceability.report.page.library_requirements import THINGS, VERBS
from traceability.model import (
    Exchange,
    Measurement,
    Result,
    Scenario,
    ScenarioEvidence,
    StepEvidence,
    TracedScenario,
    Verdict,
)

CLARIFICATION = "CL-01"
"""The clarification on which the first scenario of a requirement rests that differs."""


def scenarios_of(
    at: int, id_: str, verdict: Verdict, count: int, rng: random.Random, injected: str
) -> list[TracedScenario]:
    if verdict in {Verdict.UNTESTED, Verdict.EXCLUDED}:
        return []
    results = {
        Verdict.FAILED: Result.FAILED,
        Verdict.DIFFERS: Result.FAILED,
        Verdict.NOT_RUN: Result.NOT_RUN,
    }
    traced = []
    for number in range(count):
        result = results.get(verdict, Result.PASSED) if number == 0 else Result.PASSED
        resting = (CLARIFICATION,) if verdict is Verdict.DIFFERS and number == 0 else ()
        traced.append(_scenario(at, id_, number, result, rng, injected, resting))
    return traced


def _scenario(
    at: int,
    id_: str,
    number: int,
    result: Result,
    rng: random.Random,
    injected: str,
    resting: tuple[str, ...],
) -> TracedScenario:
    topic = ("lending", "returns", "reserving", "accounts")[at % 4]
    feature = f"features/{topic}-{at // 400}.feature"
    line = 12 + 40 * (at % 400) + 8 * number
    name = f"A reader {VERBS[at % len(VERBS)]}s {THINGS[at % len(THINGS)]}, case {at}.{number}"
    steps = (
        f"Given a reader with {1 + at % 3} loans",
        f"When the reader asks branch {at} {injected}".rstrip(),
        f"Then the answer is {200 + number}",
        "And no other reader's loan is in it",
    )
    scenario = Scenario(
        id=f"{feature}:{line}",
        feature=feature,
        feature_name=f"Readers and {topic} {injected}".strip(),
        rule=f"What is lent comes back, part {at // 40}",
        name=f"{name} {injected}".strip(),
        outline=name,
        outline_line=line - 8 * number,
        example=number or None,
        line=line,
        tags=(id_, *resting),
        steps=steps,
    )
    return TracedScenario(scenario, _evidence(at, scenario, result, rng, injected), resting)


def _evidence(
    at: int, scenario: Scenario, result: Result, rng: random.Random, injected: str
) -> ScenarioEvidence:
    if result is Result.NOT_RUN:
        return ScenarioEvidence(scenario.id, result, "The target cannot restart.", 0.0, ())
    path, first = function_place(at)
    seconds = rng.uniform(0.002, 0.09)
    then = result
    steps: tuple[StepEvidence, ...] = (
        StepEvidence("Given", scenario.steps[0][6:], scenario.line + 1, Result.PASSED, 0.0012),
        StepEvidence(
            "When",
            scenario.steps[1][5:],
            scenario.line + 2,
            Result.PASSED,
            seconds,
            lines={path: frozenset({first + 2, first + 3, first + 5, first + 6})},
        ),
        StepEvidence(
            "Then",
            scenario.steps[2][5:],
            scenario.line + 3,
            then,
            0.0003,
            f"expected 403, got 404 {injected}" if then is Result.FAILED else "",
        ),
    )
    if then is Result.PASSED:
        steps += (StepEvidence("Then", scenario.steps[3][4:], scenario.line + 4, then, 0.0001),)
    reason = "Then the answer is 403: got 404" if result is Result.FAILED else ""
    return ScenarioEvidence(
        id=scenario.id,
        result=result,
        reason=reason,
        seconds=seconds + 0.002,
        steps=steps,
        exchanges=(_exchange(at, then, seconds, rng, injected),),
        measurements=_measurements(at, rng) if at in {7, 11, 70} else (),
    )


def _exchange(
    at: int, result: Result, seconds: float, rng: random.Random, injected: str
) -> Exchange:
    reader, loan = f"reader{rng.getrandbits(48):012x}", f"{rng.getrandbits(32)}"
    status = 404 if result is Result.FAILED else (201, 200, 403, 422)[at % 4]
    title = f'"title": "On branches {at} {injected}"'.replace("\\", "")
    body = '{"id": %s, %s, "price": 1.50, "tags": []}' % (loan, title)  # noqa: UP031
    return Exchange(
        step=1,
        method=("POST", "GET", "PUT", "DELETE")[at % 4],
        path=f"/api/{reader}/loans" if at % 4 < 2 else f"/api/{reader}/loans/{loan}",
        request_headers=(
            ("authorization", "Bearer [redacted]"),
            ("content-type", "application/json"),
            ("host", "127.0.0.1"),
        ),
        request_body=body if at % 4 in {0, 2} else "",
        status=status,
        response_headers=(("content-type", "application/json"), ("server", "made up")),
        response_body=body if status < 400 else '{"detail": "not yours", "status_code": 403}',
        seconds=seconds,
    )


def _measurements(at: int, rng: random.Random) -> tuple[Measurement, ...]:
    samples = tuple(rng.lognormvariate(-5.2, 0.5) for _ in range(200))
    plan = "Index Scan using loans_by_reader on loans  (cost=0.42..8.44 rows=1 width=64)"
    return (
        Measurement(1, "slowest answer", max(samples), "s", 3.0, samples),
        Measurement(1, "rows read", 100.0 + at, "rows", None, (), plan),
    )
