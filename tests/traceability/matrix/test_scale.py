"""Building and rendering take linear time: twice the project takes about twice the work.

Work is counted in calls, not in seconds, so that a slow machine gives the same result.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

from traceability.matrix.build import build_matrix
from traceability.matrix.write import render_json
from traceability.model import (
    Claim,
    Definition,
    Evidence,
    Features,
    Matrix,
    Requirement,
    Result,
    Scenario,
    ScenarioEvidence,
    SourceFile,
    Spec,
    StepEvidence,
)
from traceability.report import junit, markdown, terminal


def project_of_size(size: int) -> tuple[Spec, Features, list[SourceFile], Evidence]:
    """A project in which each number is one requirement, scenario and function of one file."""
    numbers = range(1, size + 1)
    requirements = tuple(
        Requirement(f"FR-{one}", "FR", f"text {one}", "spec.md", one) for one in numbers
    )
    scenarios = tuple(
        Scenario(
            id=f"f.feature:{one}",
            feature="f.feature",
            feature_name="F",
            rule="",
            name=f"S{one}",
            outline=f"S{one}",
            outline_line=one,
            example=None,
            line=one,
            tags=(f"FR-{one}",),
            steps=("When a",),
        )
        for one in numbers
    )
    definitions = tuple(
        Definition(
            path="a.py",
            symbol=f"f{one}",
            first_line=one * 2 - 1,
            last_line=one * 2,
            body=frozenset({one * 2}),
            claims=(Claim(f"FR-{one}", "a.py", one * 2),),
        )
        for one in numbers
    )
    source = SourceFile("a.py", "d", frozenset(one * 2 for one in numbers), definitions)
    done = {
        scenario.id: ScenarioEvidence(
            id=scenario.id,
            result=Result.PASSED,
            reason="",
            seconds=0.1,
            steps=(
                StepEvidence(
                    "When", "a", 1, Result.PASSED, 0.1, "", {"a.py": frozenset({number * 2})}
                ),
            ),
        )
        for number, scenario in enumerate(scenarios, start=1)
    }
    spec = Spec("spec.md", "S", "s", requirements, ())
    features = Features("f", ("f.feature",), scenarios)
    return spec, features, [source], Evidence("s", "f", {}, "", {"a.py": "d"}, done, ())


def render_all_reports(traced: Matrix) -> None:
    for renderer in (render_json, markdown.render, junit.render, terminal.render):
        renderer(traced)


def count_calls(work: Callable[[], object]) -> int:
    """Return how many functions, generators and comprehensions `work` enters."""
    count = 0

    def count_event(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count_event)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def test_building_is_linear() -> None:
    small, large = project_of_size(200), project_of_size(800)
    once = count_calls(lambda: build_matrix(*small))
    assert count_calls(lambda: build_matrix(*large)) < 5 * once


def test_rendering_is_linear() -> None:
    small, large = build_matrix(*project_of_size(200)), build_matrix(*project_of_size(800))
    assert small.summary.verified == 200
    assert small.conformant
    once = count_calls(lambda: render_all_reports(small))
    assert count_calls(lambda: render_all_reports(large)) < 5 * once
