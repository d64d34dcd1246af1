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
    requirements and clarifications without a scenario. `known_tags` may be used besides the ids of
    the spec.
    """
    ids = {one.id for one in spec.requirements}
    known_ids = ids | set(spec.context_ids) | {one.id for one in spec.clarifications}
    if not features.scenarios:
        message = "there is no scenario, so nothing can be shown: write features"
        yield Finding(
            "no-scenarios", message, features.paths[0] if features.paths else spec.path, 1
        )
    clarifications = {one.id for one in spec.clarifications}
    yield from _tag_findings(features, ids, known_ids | set(known_tags), clarifications)
    yield from _requirements_without_scenario(spec, features)
    yield from _clarifications_without_scenario(spec, features)
    for source in sources:
        for definition in source.definitions:
            for claim in definition.claims:
                if claim.requirement not in known_ids:
                    message = (
                        f"{definition.symbol} claims {claim.requirement}, "
                        "which the spec does not have: correct or delete it"
                    )
                    yield Finding("unknown-claim", message, claim.path, claim.line)


def _tag_findings(
    features: Features, ids: set[str], known: set[str], clarifications: set[str]
) -> Iterator[Finding]:
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
            if not clarifications.isdisjoint(scenario.tags):
                message += " of a requirement that its clarification makes precise"
            yield Finding("untagged-scenario", message, *place)


def _requirements_without_scenario(spec: Spec, features: Features) -> Iterator[Finding]:
    """Yield requirements without a scenario, and those whose scenarios show clarifications only.

    Of the latter nobody could say whether a server keeps the requirement's own sentence.
    """
    clarifications = {one.id for one in spec.clarifications}
    tagged = {tag for scenario in features.scenarios for tag in scenario.tags}
    own = {
        tag
        for scenario in features.scenarios
        if clarifications.isdisjoint(scenario.tags)
        for tag in scenario.tags
    }
    for requirement in spec.requirements:
        place = (requirement.path, requirement.line)
        if requirement.id not in tagged and not requirement.excluded:
            message = (
                f"no scenario carries @{requirement.id}: write one, or tag the one that shows it"
            )
            yield Finding("requirement-without-scenario", message, *place)
        elif requirement.id in tagged - own:
            message = (
                f"every scenario of {requirement.id} rests on a clarification: "
                "write one that shows its own sentence"
            )
            yield Finding("sentence-without-scenario", message, *place)


def _clarifications_without_scenario(spec: Spec, features: Features) -> Iterator[Finding]:
    """Yield clarifications that no scenario shows, unless they say why, or say so wrongly."""
    tagged = {tag for scenario in features.scenarios for tag in scenario.tags}
    for one in spec.clarifications:
        if one.id not in tagged and not one.without_scenario:
            message = (
                f"no scenario rests on {one.id}: tag the one that shows it with @{one.id}, or end "
                "its answer with `*(No scenario rests on it: ` and the reason"
            )
            yield Finding("clarification-without-scenario", message, one.path, one.line)
        elif one.id in tagged and one.without_scenario:
            message = (
                f"{one.id} says that no scenario rests on it, and one carries @{one.id}: "
                "correct either of them"
            )
            yield Finding("clarification-with-scenario", message, one.path, one.line)
