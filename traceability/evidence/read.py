"""Reads the evidence of one run, or of several runs as one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from traceability.evidence.file_format import UNREACHED, EvidenceError
from traceability.evidence.records import RecordedRun, read_file
from traceability.model import (
    Evidence,
    Finding,
    Result,
    ScenarioEvidence,
)


def read_evidence(*paths: Path) -> Evidence:
    """Return the evidence of one run, or of several runs of the same spec and features as one.

    Of a scenario that several files have, a failure counts above a pass, and both above "not run":
    a scenario that ran in one run has run, and one that failed in one run has failed. Of equal
    results the first file's counts; a run that did not reach the scenario counts least. Facts of
    the environment that differ become lists.

    Raises `EvidenceError` for a file that is no evidence, and for files that differ in spec or
    features. A run that was cut short is a finding (`truncated-run`).
    """
    if not paths:
        raise EvidenceError("no evidence was given: name at least one evidence file")
    runs = [read_file(path) for path in paths]
    first = runs[0]
    for other in runs[1:]:
        for part in ("spec", "features"):
            if getattr(other, f"{part}_digest") != getattr(first, f"{part}_digest"):
                raise EvidenceError(
                    f"{other.path}: was run with another version of the {part} than {first.path}; "
                    "run both again with the same one"
                )
    # A run that reached no scenario started no server: its reason for not measuring is void.
    reasons = dict.fromkeys(
        run.unmeasured for run in [run for run in runs if run.reached_a_scenario] or runs
    )
    return Evidence(
        spec_digest=first.spec_digest,
        features_digest=first.features_digest,
        environment=_environment(runs),
        # A worker without a measurable scenario gives a reason, also where others measured lines.
        unmeasured="" if "" in reasons else "; ".join(reasons),
        sources={path: digest for run in runs for path, digest in run.sources.items()},
        scenarios=_scenarios(runs),
        findings=tuple(dict.fromkeys(_findings(runs))),
        deviations=tuple(dict.fromkeys(one for run in runs for one in run.deviations)),
    )


def _scenarios(runs: list[RecordedRun]) -> dict[str, ScenarioEvidence]:
    found: dict[str, ScenarioEvidence] = {}
    for run in runs:
        for scenario in run.scenarios:
            if _weight(scenario) > _weight(found.setdefault(scenario.id, scenario)):
                found[scenario.id] = scenario
    return found


def _weight(scenario: ScenarioEvidence) -> int:
    if scenario.reason == UNREACHED:
        return -1
    return [Result.NOT_RUN, Result.PASSED, Result.FAILED].index(scenario.result)


def _environment(runs: list[RecordedRun]) -> dict[str, Any]:
    values: dict[str, list[Any]] = {}
    for run in runs:
        for key, value in run.environment.items():
            known = values.setdefault(key, [])
            if value not in known:
                known.append(value)
    return {key: found[0] if len(found) == 1 else found for key, found in sorted(values.items())}


def _findings(runs: list[RecordedRun]) -> Iterator[Finding]:
    digests: dict[str, str] = {}
    for run in runs:
        yield from run.findings
        for path, digest in run.sources.items():
            if digests.setdefault(path, digest) != digest:
                message = "this file changed between the runs whose evidence is merged"
                yield Finding("stale-evidence", message, path, 1)
