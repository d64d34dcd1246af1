"""Joins spec, scenarios, code and the evidence of a run into the matrix. It reads no file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from traceability.matrix import deviations, gaps
from traceability.matrix.clarifications import trace_clarifications, trace_scenarios
from traceability.matrix.failures import gather_failures, tell_reasons
from traceability.matrix.tracing import Trace, trace_lines
from traceability.matrix.verdicts import VerdictRules, decide_verdict
from traceability.model import (
    Evidence,
    Features,
    Finding,
    Matrix,
    Result,
    SourceFile,
    Spec,
    Summary,
    TracedFile,
    TracedRequirement,
    TracedScenario,
    Verdict,
)
from traceability.project.config import Config
from traceability.project.cross_check import cross_check


@dataclass(frozen=True)
class Rules:
    """What a project demands of its matrix; the fields are those of `Config`."""

    title: str = ""
    without_code: tuple[str, ...] = ()
    known_tags: tuple[str, ...] = ()
    minimum_traced: float = 0.0
    optional_tags: tuple[str, ...] = ()
    foreign_code: bool = False
    """The code is that of the target: code of it that did not run is no finding."""
    strict: bool = False
    """Clarifications bind as requirements do: what differs from one falls short."""

    @classmethod
    def from_config(
        cls, config: Config, *, foreign_code: bool = False, strict: bool = False
    ) -> Rules:
        return cls(
            config.title,
            config.without_code,
            config.known_tags,
            config.minimum_traced,
            config.optional_tags,
            foreign_code,
            strict,
        )


def build_matrix(
    spec: Spec,
    features: Features,
    sources: Sequence[SourceFile],
    evidence: Evidence,
    rules: Rules = Rules(),
    findings: Iterable[Finding] = (),
) -> Matrix:
    """Return the matrix.

    `findings` are those of reading spec, features and sources. Contradictions between these three
    and the evidence are found here. Without sources, no code is demanded: the code of the target
    may be elsewhere.
    """
    scenarios = trace_scenarios(spec, features, evidence)
    by_requirement = _scenarios_by_requirement(spec, scenarios)
    traced = trace_lines(by_requirement, sources)
    judged = _traced_requirements(
        spec, by_requirement, traced, _verdict_rules(sources, evidence, rules)
    )
    failures = gather_failures(spec, scenarios)
    requirements = deviations.mark_known_deviations(
        tell_reasons(judged, failures), evidence.deviations, strict=rules.strict
    )
    found = chain(
        cross_check(spec, features, sources, rules.known_tags),
        _empty_spec(spec),
        gaps.unexecuted_scenarios(features, evidence),
        gaps.incomplete_scenarios(scenarios, evidence),
        gaps.stale_evidence(spec, features, sources, evidence),
        deviations.deviation_findings(spec, requirements, evidence.deviations),
        _code_findings(requirements, sources, traced, evidence, rules),
    )
    return Matrix(
        title=rules.title or spec.title,
        spec=spec,
        summary=_summary(requirements, scenarios, traced, sources),
        requirements=requirements,
        scenarios=scenarios,
        files=tuple(TracedFile(source, traced.by_line[source.path]) for source in sources),
        findings=merge_findings(findings, found, evidence.findings),
        environment=evidence.environment | {"lines measured": _lines_measured(sources, evidence)},
        features_digest=features.digest,
        clarifications=trace_clarifications(spec, scenarios, frozenset(rules.optional_tags)),
        strict=rules.strict,
        failures=failures,
    )


def _code_findings(
    requirements: Sequence[TracedRequirement],
    sources: Sequence[SourceFile],
    traced: Trace,
    evidence: Evidence,
    rules: Rules,
) -> Iterable[Finding]:
    """Return the findings about untraced or unmeasured lines; none for foreign code."""
    if rules.foreign_code:
        return ()
    if _lines_measured(sources, evidence) == "yes":
        return gaps.untraced_code(requirements, sources, traced, rules.minimum_traced)
    return gaps.unmeasured_sources(sources, evidence, rules.minimum_traced)


def _lines_measured(sources: Sequence[SourceFile], evidence: Evidence) -> str:
    """Return `yes`, or `no: ` and why no lines were measured, as the matrix says it."""
    if evidence.unmeasured:
        return f"no: {evidence.unmeasured}"
    return "yes" if any(source.executable for source in sources) else "no: no sources"


def _scenarios_by_requirement(
    spec: Spec, scenarios: Sequence[TracedScenario]
) -> dict[str, Sequence[TracedScenario]]:
    found: dict[str, list[TracedScenario]] = {one.id: [] for one in spec.requirements}
    for traced in scenarios:
        for tag in traced.scenario.tags:
            if tag in found:
                found[tag].append(traced)
    return dict(found)


def _verdict_rules(sources: Sequence[SourceFile], evidence: Evidence, rules: Rules) -> VerdictRules:
    measurable = frozenset(source.path for source in sources if source.executable)
    claims = any(one.claims for source in sources for one in source.definitions)
    return VerdictRules(
        claimed_code_must_run=claims and bool(measurable) and not evidence.unmeasured,
        unmeasured_reason=evidence.unmeasured if sources else "",
        without_code=frozenset(rules.without_code),
        optional_tags=frozenset(rules.optional_tags),
        measurable=measurable,
        strict=rules.strict,
    )


def _traced_requirements(
    spec: Spec,
    scenarios: dict[str, Sequence[TracedScenario]],
    traced: Trace,
    verdict_rules: VerdictRules,
) -> tuple[TracedRequirement, ...]:
    found = []
    for requirement in spec.requirements:
        tagged, code = scenarios[requirement.id], traced.places[requirement.id]
        verdict, reason = decide_verdict(requirement, tagged, code, verdict_rules)
        found.append(TracedRequirement(requirement, verdict, reason, tuple(tagged), code))
    return tuple(found)


def _empty_spec(spec: Spec) -> Iterable[Finding]:
    if not spec.requirements:
        yield Finding("empty-spec", "the spec has no requirement", spec.path, 1)


def _summary(
    requirements: Sequence[TracedRequirement],
    scenarios: Sequence[TracedScenario],
    traced: Trace,
    sources: Sequence[SourceFile],
) -> Summary:
    verdicts = Counter(one.verdict for one in requirements)
    results = Counter(one.result for one in scenarios)
    return Summary(
        requirements=len(requirements),
        verified=verdicts[Verdict.VERIFIED],
        failed=verdicts[Verdict.FAILED],
        untested=verdicts[Verdict.UNTESTED],
        not_run=verdicts[Verdict.NOT_RUN],
        unimplemented=verdicts[Verdict.UNIMPLEMENTED],
        excluded=verdicts[Verdict.EXCLUDED],
        scenarios=len(scenarios),
        scenarios_passed=results[Result.PASSED],
        scenarios_failed=results[Result.FAILED],
        scenarios_not_run=results[Result.NOT_RUN],
        traced_lines=traced.line_count,
        executable_lines=sum(len(source.executable) for source in sources),
        known_deviations=sum(bool(one.deviation) for one in requirements),
        differs=verdicts[Verdict.DIFFERS],
    )


def merge_findings(*groups: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings, ordered by place.

    A finding is left out where an earlier group has one of its kind at its place, or, for an
    unknown tag, one with its message in its file.
    """
    kept: dict[tuple[str, str, int, str], Finding] = {}
    places: set[tuple[str, str, int]] = set()
    tags: set[tuple[str, str]] = set()
    for group in groups:
        new = []
        for one in group:
            known_tag = one.kind == "unknown-tag" and (one.path, one.message) in tags
            if not known_tag and (one.kind, one.path, one.line) not in places:
                kept[one.kind, one.path, one.line, one.message] = one
            new.append(one)
        places |= {(one.kind, one.path, one.line) for one in new}
        tags |= {(one.path, one.message) for one in new if one.kind == "unknown-tag"}
    return tuple(sorted(kept.values(), key=lambda one: (one.path, one.line, one.kind, one.message)))
