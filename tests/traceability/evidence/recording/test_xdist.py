"""Workers of pytest-xdist record the same evidence as one process, and print the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.traceability.evidence.projects import Project, PytestRun
from tests.traceability.evidence.recording.test_plugin import BUY_STEP
from traceability.evidence.file_format import recorded_files
from traceability.evidence.merge import merge_evidence
from traceability.model import Evidence

WORKERS = ["-p", "xdist.plugin", "-n", "2", "--dist", "worksteal"]


def run_on_two_workers(project: Project, *arguments: str) -> tuple[PytestRun, Evidence]:
    """Run on two workers; return the run and the merged evidence of both."""
    for old in recorded_files(project.folder / "evidence.jsonl"):
        old.unlink()
    run = project.run(*WORKERS, "-q", *arguments)
    merge_evidence(*recorded_files(run.file), into=run.file)
    return run, run.evidence


def without_times(found: Evidence) -> Evidence:
    """Return evidence without the times, which differ from run to run."""
    scenarios = {
        one.id: replace(one, seconds=0.0, steps=tuple(replace(s, seconds=0.0) for s in one.steps))
        for one in found.scenarios.values()
    }
    return replace(found, scenarios=scenarios)


def test_two_workers_record_the_same_as_one_process(project: Project) -> None:
    project.replace(
        "conftest.py",
        BUY_STEP,
        BUY_STEP.replace("what)", "what, recorder)", 1)
        + "    recorder.environment(target='shop')\n"
        + "    recorder.deviation('FR-001', 'known')\n"
        + "    recorder.unmeasured('it runs elsewhere')\n"
        + "    assert what != 'bread'\n"
        + "    if what == 'salt': recorder.not_run('target cannot salt')\n",
    )
    alone = project.run().evidence
    _, together = run_on_two_workers(project)
    assert {one.result for one in together.scenarios.values()} == {"passed", "failed", "not run"}
    assert without_times(together) == without_times(alone)


def test_output_names_no_workers(project: Project) -> None:
    run, _ = run_on_two_workers(project)
    *said, last = run.output.split("\n\n")
    assert said == ["[1/3] features/shop.feature"]
    assert last.startswith("3 passed in ")


def test_failure_on_a_worker_is_printed_at_once_and_in_the_summary(project: Project) -> None:
    project.replace("conftest.py", BUY_STEP, BUY_STEP + "    assert what != 'salt'\n")
    run, _ = run_on_two_workers(project)
    assert run.status == 1
    assert run.output.count("FAILED features/shop.feature:19 Buy salt\n") == 1
    assert "assert 'salt' != 'salt'" in run.output


def test_finding_of_every_worker_is_listed_once(project: Project) -> None:
    project.append("features/shop.feature", "\n  @FR-001\n  Scenario: New\n    Given a dream\n")
    run, together = run_on_two_workers(project, "-k", "cake")
    assert run.status == 1
    assert "traceability: 1 findings" in run.output
    assert run.output.count("undefined-step") == 1
    assert [one.kind for one in together.findings] == ["undefined-step"]


@pytest.mark.parametrize("arguments", [WORKERS, []])
def test_features_that_cannot_be_collected_are_refused_once(
    project: Project, arguments: list[str]
) -> None:
    project.replace("features/shop.feature", "@FR-001", "@FR-999")
    run = project.run(*arguments, "-q")
    assert run.status == 4
    assert run.output.count("ERROR: features/shop.feature:3: ") == 1
    assert run.output.count("FR-999") == 1


def test_scenarios_that_no_worker_reached_are_recorded(project: Project) -> None:
    project.replace("conftest.py", BUY_STEP, BUY_STEP + "    assert 0\n")
    run, together = run_on_two_workers(project, "-x")
    assert run.status != 0
    assert len(together.scenarios) == 3
    assert "failed" in {one.result for one in together.scenarios.values()}
