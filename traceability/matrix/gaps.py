"""Finds scenarios and code that a run left out, and inputs that changed since the run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from traceability.matrix.tracing import Trace
from traceability.model import (
    TARGET_CANNOT,
    Evidence,
    Features,
    Finding,
    Result,
    SourceFile,
    Spec,
    TracedRequirement,
    TracedScenario,
    Verdict,
)
from traceability.project.source import import_time_symbols


def unexecuted_scenarios(features: Features, evidence: Evidence) -> Iterator[Finding]:
    """Yield scenarios without evidence, features without any, and evidence without scenario."""
    with_scenarios = {one.feature for one in features.scenarios}
    executed = {one.feature for one in features.scenarios if one.id in evidence.scenarios}
    collected = {(one.path, one.line) for one in evidence.findings}
    if features.scenarios and not executed:
        message = "no scenario of the features was executed: check what the run collected"
        yield Finding("nothing-executed", message, features.paths[0], 1)
    for path in features.paths:
        if path in with_scenarios - executed:
            message = "no scenario of this feature was executed: bind it in a test module"
            yield Finding("unbound-feature", message, path, 1)
    for one in features.scenarios:
        missing = one.feature in executed and one.id not in evidence.scenarios
        if missing and (one.feature, one.line) not in collected:
            message = f"the scenario {one.name!r} was parsed, and the run has no result of it"
            yield Finding("scenario-not-executed", message, one.feature, one.line)
    known = {one.id for one in features.scenarios}
    for name in evidence.scenarios:
        path, _, line = name.rpartition(":")
        if name not in known and (path, _line_number(line)) not in collected:
            message = "the run has a result for a scenario that the features do not have"
            yield Finding("unknown-scenario", message, path or name, _line_number(line))


def _line_number(text: str) -> int:
    return int(text) if text.isdecimal() else 1


def incomplete_scenarios(
    scenarios: Sequence[TracedScenario], evidence: Evidence
) -> Iterator[Finding]:
    """Yield scenarios that were skipped, and those that passed without running every step."""
    for traced in scenarios:
        place = (traced.scenario.feature, traced.scenario.line)
        reason = traced.evidence.reason
        skipped = traced.result is Result.NOT_RUN and not reason.startswith(TARGET_CANNOT)
        if skipped and traced.scenario.id in evidence.scenarios:
            said = reason.removeprefix("skipped: ") or "no reason was given"
            message = f"the scenario {traced.scenario.name!r} was skipped: {said}"
            yield Finding("skipped-scenario", message, *place)
        if traced.result is Result.PASSED:
            ran = sum(step.result is Result.PASSED for step in traced.evidence.steps)
            if ran < max(len(traced.scenario.steps), len(traced.evidence.steps)):
                message = (
                    f"the scenario {traced.scenario.name!r} passed, and only {ran} of its "
                    f"{len(traced.scenario.steps)} steps ran"
                )
                yield Finding("step-not-executed", message, *place)


def stale_evidence(
    spec: Spec, features: Features, sources: Sequence[SourceFile], evidence: Evidence
) -> Iterator[Finding]:
    """Yield spec, features and source files that have changed since the run."""
    if evidence.spec_digest != spec.digest:
        message = "the spec has changed since the run: run the scenarios again"
        yield Finding("stale-evidence", message, spec.path, 1)
    if evidence.features_digest != features.digest:
        message = "the features have changed since the run: run the scenarios again"
        yield Finding(
            "stale-evidence", message, features.paths[0] if features.paths else spec.path, 1
        )
    for source in sources:
        if evidence.sources.get(source.path, source.digest) != source.digest:
            message = "this file has changed since the run: run the scenarios again"
            yield Finding("stale-evidence", message, source.path, 1)


def unmeasured_sources(
    sources: Sequence[SourceFile], evidence: Evidence, minimum: float
) -> Iterator[Finding]:
    """Yield a finding if the project demands traced lines and none was measured."""
    measurable = [source for source in sources if source.executable]
    if measurable and minimum > 0:
        message = (
            f"no line was measured: {evidence.unmeasured or 'no server ran under the launcher'}"
        )
        yield Finding("not-measured", message, measurable[0].path, 1)


def untraced_code(
    requirements: Sequence[TracedRequirement],
    sources: Sequence[SourceFile],
    trace: Trace,
    minimum: float,
) -> Iterator[Finding]:
    """Yield measured code that ran for no requirement, claims that did not run, too few lines.

    `minimum` is the demanded part of traced lines, in percent.
    """
    executable = sum(len(source.executable) for source in sources)
    measured = [source for source in sources if source.executable]
    if measured and not trace.line_count:
        message = "lines were measured, and no step of a passed scenario has any"
        yield Finding("no-contexts", message, measured[0].path, 1)
    else:
        verdicts = {one.requirement.id: one.verdict for one in requirements}
        executed = {
            (one.requirement.id, place.path, place.first_line, place.symbol)
            for one in requirements
            for place in one.code
            if place.measured
        }
        for source in measured:
            yield from _code_without_run(source, trace.by_line[source.path])
            yield from _claims_without_run(source, verdicts, executed)
    if trace.line_count * 100 < minimum * executable:
        message = (
            f"{trace.line_count} of {executable} executable lines are traced to a requirement, "
            f"less than {minimum:g} %"
        )
        yield Finding("traced-below-minimum", message, measured[0].path, 1)


def _code_without_run(source: SourceFile, ran: dict[int, tuple[str, ...]]) -> Iterator[Finding]:
    functions = (one for one in source.definitions if one.symbol != "<module>")
    idle = [one for one in functions if one.body and one.body.isdisjoint(ran)]
    # Code that runs on import ran before the first scenario: none of them can trace it.
    on_import = import_time_symbols(source) if idle else frozenset[str]()
    for definition in idle:
        if definition.symbol not in on_import:
            message = f"{definition.symbol} runs in no requirement's passed scenario"
            yield Finding("untraced-code", message, source.path, definition.first_line)


def _claims_without_run(
    source: SourceFile,
    verdicts: dict[str, Verdict],
    executed: set[tuple[str, str, int, str]],
) -> Iterator[Finding]:
    # Any other verdict gives the reason why claimed code of the requirement did not run.
    ran = (Verdict.VERIFIED, Verdict.UNIMPLEMENTED)
    for definition in source.definitions:
        for claim in definition.claims:
            place = (claim.requirement, source.path, definition.first_line, definition.symbol)
            if verdicts.get(claim.requirement) in ran and place not in executed:
                message = (
                    f"{definition.symbol} claims {claim.requirement}, "
                    "and no passed scenario of it executes it"
                )
                yield Finding("stale-claim", message, source.path, claim.line)
