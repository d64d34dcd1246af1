"""Compares spec, features and claims with one another, without a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from traceability.model import Features, Finding, SourceFile, Spec


def cross_check(
    spec: Spec,
    features: Features,
    sources: Iterable[SourceFile],
    known_tags: Iterable[str] = (),
) -> Iterator[Finding]:
    """Yield a finding for each id without a counterpart.

    These are tags and claims that name no requirement, scenarios without a requirement, and
    requirements without a scenario. `known_tags` may be used besides the ids of the spec.
    """
    ids = {one.id for one in spec.requirements}
    known_ids = ids | set(spec.context_ids)
    if not features.scenarios:
        message = "there is no scenario, so nothing can be shown: write features"
        yield Finding(
            "no-scenarios", message, features.paths[0] if features.paths else spec.path, 1
        )
    yield from _tag_findings(features, ids, known_ids | set(known_tags))
    yield from _requirements_without_scenario(spec, features)
    for source in sources:
        for definition in source.definitions:
            for claim in definition.claims:
                if claim.requirement not in known_ids:
                    message = (
                        f"{definition.symbol} claims {claim.requirement}, "
                        "which the spec does not have: correct or delete it"
                    )
                    yield Finding("unknown-claim", message, claim.path, claim.line)


def _tag_findings(features: Features, ids: set[str], known: set[str]) -> Iterator[Finding]:
    """Yield unknown tags, each once per file, and scenarios and outlines without a requirement."""
    seen: set[tuple[str, str | int]] = set()
    for scenario in features.scenarios:
        for tag in scenario.tags:
            if tag not in known and (scenario.feature, tag) not in seen:
                seen.add((scenario.feature, tag))
                message = f"the tag @{tag} names no requirement of the spec"
                yield Finding("unknown-tag", message, scenario.feature, scenario.outline_line)
        place = (scenario.feature, scenario.outline_line)
        if ids.isdisjoint(scenario.tags) and place not in seen:
            seen.add(place)
            message = f"the scenario {scenario.outline!r} has no requirement: tag it with an id"
            yield Finding("untagged-scenario", message, *place)


def _requirements_without_scenario(spec: Spec, features: Features) -> Iterator[Finding]:
    tagged = {tag for scenario in features.scenarios for tag in scenario.tags}
    for requirement in spec.requirements:
        if requirement.id not in tagged and not requirement.excluded:
            message = (
                f"no scenario carries @{requirement.id}: write one, or tag the one that shows it"
            )
            yield Finding(
                "requirement-without-scenario", message, requirement.path, requirement.line
            )
